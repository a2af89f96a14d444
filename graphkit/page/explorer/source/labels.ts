/** Places labels: the most important first, without overlap, and none cut off. */

import { type Frame, onScreenX, onScreenY } from "./frame.ts";
import { type Graph, isHub } from "./graph.ts";
import type { Picture } from "./picture.ts";

export interface Label {
  text: string;
  x: number;
  y: number;
  size: number;
  weight: number;
  /** Whether it has the softer colour. */
  soft: boolean;
  /** The background behind it and the lines below, if what is under them would make them hard to read. */
  plate?: Room;
}

export type Measure = (text: string, size: number, weight: number) => number;

export interface Room {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const LETTERS_FAR = 34;
const LETTERS_NEAR = 70;
const MOST = 90;
const SMALLEST = 15; // pixels: half of an area that has a name

/** Shorten a text to a number of characters, at a space if one is near. */
export function shortened(text: string, letters: number): string {
  const all = [...text];
  if (all.length <= letters) return text;
  const cut = all.slice(0, letters - 1).join("");
  const space = cut.lastIndexOf(" ");
  return `${(space > letters * 0.6 ? cut.slice(0, space) : cut).trimEnd()}…`;
}

export class Placing {
  private readonly taken: Room[] = [];
  readonly labels: Label[] = [];

  constructor(private readonly frame: Frame, private readonly measure: Measure) {}

  /** Keep labels out of this box. */
  block(room: Room): void {
    this.taken.push(room);
  }

  /** Keep labels off a node. */
  blockNode({ x, y, radius }: Graph, node: number): void {
    const r = radius[node] * this.frame.k * 0.95;
    const [cx, cy] = [onScreenX(this.frame, x[node]), onScreenY(this.frame, y[node])];
    this.block({ left: cx - r, top: cy - r, right: cx + r, bottom: cy + r });
  }

  free(room: Room): boolean {
    if (room.left < 2 || room.top < 2 || room.right > this.frame.width - 2 || room.bottom > this.frame.height - 2) return false;
    return this.taken.every(
      (one) => room.left >= one.right || room.right <= one.left || room.top >= one.bottom || room.bottom <= one.top,
    );
  }

  /** Place lines of text around a point, if there is room; with `must` in any case, moved inside the stage. */
  put(lines: Omit<Label, "x" | "y" | "plate">[], x: number, y: number, { must = false, plate = false } = {}): boolean {
    const widths = lines.map((line) => this.measure(line.text, line.size, line.weight));
    const half = Math.max(...widths) / 2 + 4;
    const height = lines.reduce((sum, line) => sum + line.size * 1.25, 0);
    let [cx, cy] = [x, y];
    if (must) {
      cx = Math.max(half + 2, Math.min(this.frame.width - half - 2, x));
      cy = Math.max(height / 2 + 2, Math.min(this.frame.height - height / 2 - 2, y));
    }
    const room = { left: cx - half, top: cy - height / 2, right: cx + half, bottom: cy + height / 2 };
    if (!must && !this.free(room)) return false;
    this.taken.push(room);
    let top = room.top;
    for (const line of lines) {
      this.labels.push({ ...line, x: cx, y: top + line.size * 0.625, ...(plate && top === room.top ? { plate: room } : {}) });
      top += line.size * 1.25;
    }
    return true;
  }

  /** Place a node's name below, above or next to it. */
  putBy(text: string, size: number, weight: number, x: number, y: number, r: number, must = false): boolean {
    const line = [{ text, size, weight, soft: false }];
    const away = r + size * 0.625 + 3;
    const aside = r + this.measure(text, size, weight) / 2 + 8;
    const spots = [[0, away], [0, -away], [aside, 0], [-aside, 0]] as const;
    return spots.some(([dx, dy]) => this.put(line, x + dx, y + dy)) || (must && this.put(line, x, y + away, { must: true }));
  }
}

/** Place the names of areas: in the centre while nodes are dots, on the upper rim once they can be told apart. */
export function placeAreas(placing: Placing, graph: Graph, picture: Picture): void {
  const { frame } = picture;
  const dots = frame.k * 10 < 5;
  for (const { index, articles } of picture.areas) {
    const area = graph.areas[index];
    const r = area.r * frame.k;
    if (r < SMALLEST || r > Math.max(frame.width, frame.height) || !area.name || articles === 0) continue;
    const size = Math.round(Math.max(12, Math.min(18, 9 + r / 16)));
    const lines = [{ text: shortened(area.name, 28), size, weight: 650, soft: false }];
    const words = r > 70 && area.words.length ? ` · ${area.words.join(", ")}` : "";
    if (r > 34) lines.push({ text: `${articles.toLocaleString("en")}${words}`, size: 11.5, weight: 450, soft: true });
    const [x, y] = [onScreenX(frame, area.x), onScreenY(frame, area.y)];
    if (dots) placing.put(lines, x, y, { plate: true });
    else placing.put(lines, x, y - r + size * 0.4, { plate: true }) || placing.put(lines, x, y + r - size * 0.4, { plate: true });
  }
}

/** Place the names of nodes that are large enough to have one. */
export function placeNodes(placing: Placing, graph: Graph, picture: Picture, titles: string[]): void {
  const { frame } = picture;
  const here = new Uint8Array(graph.count);
  const few = picture.nodes.length <= 60;
  for (const node of picture.nodes) here[node] = 1;
  const wanted = (node: number): boolean => {
    const r = graph.radius[node] * frame.k;
    return few || r >= 7;
  };
  const important: number[] = [];
  for (const node of graph.byImportance) {
    if (!here[node] || !wanted(node)) continue;
    important.push(node);
    if (important.length > 400) break;
  }
  for (const node of important) placing.blockNode(graph, node);
  let put = 0;
  for (const node of important) {
    const hub = isHub(graph.sort[node]);
    const r = graph.radius[node] * frame.k;
    const [size, weight] = hub ? [r > 16 ? 14 : 12, 600] : [11.5, 400];
    const text = shortened(titles[node] ?? "", frame.k > 1.5 ? LETTERS_NEAR : LETTERS_FAR);
    if (text && placing.putBy(text, size, weight, onScreenX(frame, graph.x[node]), onScreenY(frame, graph.y[node]), r)) {
      put += 1;
      if (put >= MOST) return;
    }
  }
}
