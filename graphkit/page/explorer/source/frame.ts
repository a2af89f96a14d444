/** Converts world coordinates, those of the layout, to pixels of the stage, and back. */

import type { Graph } from "./graph.ts";

/** The point in the centre, and the pixels per unit of the world. */
export interface Camera {
  x: number;
  y: number;
  k: number;
}

/** The part of the world that is on the stage. */
export interface Frame {
  width: number;
  height: number;
  k: number;
  left: number;
  top: number;
}

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export function frameOf(camera: Camera, width: number, height: number): Frame {
  const { k } = camera;
  return { width, height, k, left: camera.x - width / 2 / k, top: camera.y - height / 2 / k };
}

export function onScreenX(frame: Frame, x: number): number {
  return (x - frame.left) * frame.k;
}

export function onScreenY(frame: Frame, y: number): number {
  return (y - frame.top) * frame.k;
}

/** The box around all areas, or a small one at the origin if there is none. */
export function extentOf(graph: Graph): Box {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const { x, y, r } of graph.areas) {
    box.left = Math.min(box.left, x - r);
    box.top = Math.min(box.top, y - r);
    box.right = Math.max(box.right, x + r);
    box.bottom = Math.max(box.bottom, y + r);
  }
  return box.left <= box.right ? box : { left: -50, top: -50, right: 50, bottom: 50 };
}

/** The box around the marked nodes, null if there is none. */
export function extentOfSome(graph: Graph, marks: Uint8Array): Box | null {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (let node = 0; node < graph.count; node += 1) {
    if (!marks[node]) continue;
    const r = graph.radius[node];
    box.left = Math.min(box.left, graph.x[node] - r);
    box.top = Math.min(box.top, graph.y[node] - r);
    box.right = Math.max(box.right, graph.x[node] + r);
    box.bottom = Math.max(box.bottom, graph.y[node] + r);
  }
  return box.left <= box.right ? box : null;
}

export const NEAREST = 4; // pixels a unit; at this an article is 70 pixels wide

/** The camera that shows a box as large as possible, up to the scale `nearest`. */
export function cameraFor(box: Box, width: number, height: number, nearest = 1.6): Camera {
  const margin = Math.min(40, width / 12, height / 12);
  const k = Math.min(
    nearest,
    (width - 2 * margin) / Math.max(1, box.right - box.left),
    (height - 2 * margin) / Math.max(1, box.bottom - box.top),
  );
  return { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2, k: Math.max(k, 1e-5) };
}
