/** The outline of each sort of node: a circle, triangle, hexagon, square or diamond of about the same area. */

/** The corners of each outline, or many points for a circle, for a half width of 1. */
const HEXAGON = [[-0.55, -0.95], [0.55, -0.95], [1.1, 0], [0.55, 0.95], [-0.55, 0.95], [-1.1, 0]] as const;
const CORNERS: readonly (readonly (readonly [number, number])[] | null)[] = [
  null,
  [[0, -1.25], [1.15, 0.85], [-1.15, 0.85]],
  HEXAGON,
  [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
  [[0, -1.25], [1.25, 0], [0, 1.25], [-1.25, 0]],
];

/** Add the outline of a node to a path. */
export function trace(path: CanvasPath, sort: number, x: number, y: number, r: number): void {
  const corners = CORNERS[sort];
  if (!corners) {
    path.moveTo(x + r, y);
    path.arc(x, y, r, 0, 2 * Math.PI);
    return;
  }
  corners.forEach(([dx, dy], at) => (at ? path.lineTo(x + r * dx, y + r * dy) : path.moveTo(x + r * dx, y + r * dy)));
  path.closePath();
}

/** Return the outline as SVG path data. */
export function outline(sort: number, x: number, y: number, r: number): string {
  const number = (value: number): string => String(Math.round(value * 10) / 10);
  const corners = CORNERS[sort];
  if (!corners) {
    const d = number(2 * r);
    return `M${number(x - r)} ${number(y)}a${number(r)} ${number(r)} 0 1 0 ${d} 0a${number(r)} ${number(r)} 0 1 0 -${d} 0z`;
  }
  return `M${corners.map(([dx, dy]) => `${number(x + r * dx)} ${number(y + r * dy)}`).join("L")}z`;
}

/** Tell whether a point, in units of the half width, is inside the outline. */
export function inside(sort: number, x: number, y: number): boolean {
  const corners = CORNERS[sort];
  if (!corners) return x * x + y * y <= 1;
  return corners.every(([ax, ay], at) => {
    const [bx, by] = corners[(at + 1) % corners.length];
    return (bx - ax) * (y - ay) - (by - ay) * (x - ax) >= 0;
  });
}
