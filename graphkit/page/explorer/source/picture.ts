/** Chooses what the picture shows: zoomed out, areas; zoomed in, nodes; further in, links. */

import type { Frame } from "./frame.ts";
import { type Graph, isHub } from "./graph.ts";

export interface Picture {
  frame: Frame;
  /** Indexes of the areas on the stage, with the number of their articles that pass. */
  areas: { index: number; articles: number }[];
  /** The nodes on the stage, hubs last, so that they are on top. */
  nodes: Uint32Array;
  /** The links to draw, shortest first: as many as leave the picture readable. */
  edges: number[];
}

const PIXELS_AN_EDGE = 1_500; // with more links the stage would be a tangle
const PIXELS_A_NODE = 450; // if nodes are closer, no links are drawn at all

/** The order of edges by their length in the world. */
export function byLength(graph: Graph): Uint32Array {
  const { from, to } = graph.edges;
  const longest = 2 ** 22;
  const keys = Float64Array.from({ length: from.length }, (_, edge) => {
    const dx = graph.x[from[edge]] - graph.x[to[edge]];
    const dy = graph.y[from[edge]] - graph.y[to[edge]];
    return Math.min(longest, Math.round(Math.hypot(dx, dy))) * 2 ** 28 + edge;
  });
  return Uint32Array.from(keys.sort(), (key) => key % 2 ** 28);
}

/** How many articles of each area pass. */
export function articlesByArea(graph: Graph, passes: Uint8Array): Uint32Array {
  const counts = new Uint32Array(graph.areas.length);
  for (let node = 0; node < graph.count; node += 1) {
    if (passes[node] && !isHub(graph.sort[node])) counts[graph.area[node]] += 1;
  }
  return counts;
}

export class Painter {
  private order: Uint32Array | null = null;

  constructor(private readonly graph: Graph) {}

  /** Return what is on the stage; while the camera is moving, no links. */
  picture(frame: Frame, passes: Uint8Array, articles: Uint32Array, moving: boolean): Picture {
    const { graph } = this;
    const right = frame.left + frame.width / frame.k;
    const bottom = frame.top + frame.height / frame.k;
    const areas: Picture["areas"] = [];
    const found = new Uint32Array(graph.count);
    let some = 0;
    graph.areas.forEach(({ x, y, r, start, end }, index) => {
      if (x + r < frame.left || x - r > right || y + r < frame.top || y - r > bottom) return;
      const inside = x - r >= frame.left && x + r <= right && y - r >= frame.top && y + r <= bottom;
      for (let node = start; node < end; node += 1) {
        if (!passes[node]) continue;
        if (!inside) {
          const reach = graph.radius[node];
          if (graph.x[node] + reach < frame.left || graph.x[node] - reach > right) continue;
          if (graph.y[node] + reach < frame.top || graph.y[node] - reach > bottom) continue;
        }
        found[some++] = node;
      }
      areas.push({ index, articles: articles[index] });
    });
    const nodes = new Uint32Array(some);
    let placed = 0;
    for (const hubs of [false, true]) {
      for (let at = 0; at < some; at += 1) if (isHub(graph.sort[found[at]]) === hubs) nodes[placed++] = found[at];
    }
    return { frame, areas, nodes, edges: moving ? [] : this.edgesOf(frame, nodes, passes) };
  }

  private edgesOf(frame: Frame, nodes: Uint32Array, passes: Uint8Array): number[] {
    const room = Math.round((frame.width * frame.height) / PIXELS_AN_EDGE);
    if (nodes.length * PIXELS_A_NODE > frame.width * frame.height) return [];
    const { graph } = this;
    const here = new Uint8Array(graph.count);
    for (const node of nodes) here[node] = 1;
    this.order ??= byLength(graph);
    const { from, to } = graph.edges;
    const edges: number[] = [];
    for (const edge of this.order) {
      if (!passes[from[edge]] || !passes[to[edge]] || !(here[from[edge]] || here[to[edge]])) continue;
      edges.push(edge);
      if (edges.length >= room) break;
    }
    return edges;
  }

  /** Return the node at a point of the stage, or the nearest within `slack` pixels, or -1. */
  nodeAt(frame: Frame, passes: Uint8Array, px: number, py: number, slack: number): number {
    const { graph } = this;
    const x = frame.left + px / frame.k;
    const y = frame.top + py / frame.k;
    const reach = slack / frame.k;
    let best = -1;
    let least = Infinity;
    for (const area of graph.areas) {
      const far = area.r + reach;
      if ((x - area.x) ** 2 + (y - area.y) ** 2 > far * far) continue;
      for (let node = area.start; node < area.end; node += 1) {
        if (!passes[node]) continue;
        const beyond = Math.hypot(x - graph.x[node], y - graph.y[node]) - graph.radius[node];
        if (beyond <= reach && beyond <= least) {
          least = beyond;
          best = node;
        }
      }
    }
    return best;
  }

  /** Return the area at a point of the stage, or -1. */
  areaAt(frame: Frame, px: number, py: number): number {
    const x = frame.left + px / frame.k;
    const y = frame.top + py / frame.k;
    return this.graph.areas.findIndex((area) => (x - area.x) ** 2 + (y - area.y) ** 2 <= area.r * area.r);
  }
}

/** Return the neighbour that is most in a direction, or -1: for walking with the arrow keys. */
export function neighbourTowards(graph: Graph, node: number, others: Iterable<number>, dx: number, dy: number): number {
  let best = -1;
  let least = Infinity;
  for (const other of others) {
    const [x, y] = [graph.x[other] - graph.x[node], graph.y[other] - graph.y[node]];
    const along = x * dx + y * dy;
    if (along <= 0) continue;
    const cost = Math.hypot(x, y) * (1 + (2 * Math.abs(x * dy - y * dx)) / along);
    if (cost < least) {
      least = cost;
      best = other;
    }
  }
  return best;
}

