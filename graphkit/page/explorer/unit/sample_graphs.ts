/** Small graphs made for the tests, and the bytes of their blocks: written apart from columns.py and from graph.ts. */

import { type Choices } from "../source/filters.ts";
import { type Frame, frameOf } from "../source/frame.ts";
import { decode, EDGES, type Graph, PROVIDER, TOPIC } from "../source/graph.ts";
import { articlesByArea, Painter, type Picture } from "../source/picture.ts";

/** Numbers that look random and are the same in every run (mulberry32). */
export class Chance {
  constructor(private state: number) {}

  /** At least 0, below 1. */
  part(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `low` up to, not including, `high`. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.part() * (high - low));
  }

  yes(part = 0.5): boolean {
    return this.part() < part;
  }

  one<T>(of: readonly T[]): T {
    return of[this.whole(0, of.length)];
  }

  some<T>(of: readonly T[], part: number): T[] {
    return of.filter(() => this.yes(part));
  }
}

/** Call with a chance of its own, as often as said; a failure names the seed. */
export function often(times: number, check: (chance: Chance) => void): void {
  for (let seed = 1; seed <= times; seed += 1) {
    try {
      check(new Chance(seed));
    } catch (error) {
      throw new Error(`with seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }
}

export interface MadeNode {
  /** Index of its area. */
  area: number;
  x: number;
  y: number;
  sort: number;
  radius: number;
  medium: number;
  status: number;
  minutes: number | null;
  quality: number | null;
  heat: number | null;
}

export interface Made {
  areas: { x: number; y: number; r: number; name: string; words: string[] }[];
  media: string[];
  statuses: string[];
  /** By area. */
  nodes: MadeNode[];
  /** From, to, and index into EDGES. */
  edges: [number, number, number][];
}

export function unsigned(values: Iterable<number | bigint>): number[] {
  const bytes: number[] = [];
  for (const value of values) {
    const digits: number[] = []; // of base 128, the lowest first
    let rest = BigInt(value);
    do {
      digits.push(Number(rest % 128n));
      rest /= 128n;
    } while (rest > 0n);
    bytes.push(...digits.map((digit, at) => digit + (at + 1 < digits.length ? 128 : 0)));
  }
  return bytes;
}

export function signed(values: Iterable<number | bigint>): number[] {
  return unsigned([...values].map((value) => (value >= 0 ? 2n * BigInt(value) : -2n * BigInt(value) - 1n)));
}

function steps(values: number[]): number[] {
  return values.map((value, at) => value - (at ? values[at - 1] : 0));
}

function optional(values: (number | null)[]): number[] {
  const known = values.filter((value) => value !== null);
  return [...unsigned(values.map((value) => (value === null ? 0 : 1))), ...signed(steps(known))];
}

/** Write the block `shape` of a graph. */
export function shapeOf(made: Made, format = 1): Uint8Array {
  const { nodes, areas, edges } = made;
  const lists = EDGES.flatMap((name, kind) => {
    const targets: number[][] = nodes.map(() => []);
    for (const [from, to, of] of edges) if (of === kind) targets[from].push(to);
    const counts = unsigned(targets.map((all) => all.length));
    if (name === "related") return [...counts, ...signed(targets.flatMap((all, node) => all.map((to) => to - node)))];
    const table = [...new Set(targets.flat())].sort((a, b) => b - a);
    return [
      ...unsigned([table.length]), ...signed(steps(table)), ...counts,
      ...unsigned(targets.flat().map((to) => table.indexOf(to))),
    ];
  });
  const header = { format, nodes: nodes.length, whole: true, media: made.media, statuses: made.statuses, areas };
  const head = new TextEncoder().encode(JSON.stringify(header));
  return Uint8Array.from([
    ...unsigned([head.length]), ...head,
    ...unsigned(areas.map((_, area) => nodes.filter((node) => node.area === area).length)),
    ...signed(nodes.map((node) => node.x - areas[node.area].x)),
    ...signed(nodes.map((node) => node.y - areas[node.area].y)),
    ...unsigned(nodes.map((node) => node.sort)),
    ...unsigned(nodes.map((node) => node.radius)),
    ...unsigned(nodes.map((node) => node.medium)),
    ...unsigned(nodes.map((node) => node.status)),
    ...optional(nodes.map((node) => node.minutes)),
    ...optional(nodes.map((node) => node.quality)),
    ...optional(nodes.map((node) => node.heat)),
    ...lists,
  ]);
}

export function graphOf(made: Made): Graph {
  return decode(shapeOf(made));
}

export const NOBODY: MadeNode = {
  area: 0, x: 0, y: 0, sort: 0, radius: 8, medium: 0, status: 0, minutes: null, quality: null, heat: null,
};

/** A graph of one area from what its nodes have besides what NOBODY has. */
export function plain(nodes: Partial<MadeNode>[], edges: Made["edges"] = []): Made {
  return {
    areas: nodes.length ? [{ x: 0, y: 0, r: 1000, name: "All", words: [] }] : [],
    media: ["", "article", "video"],
    statuses: ["", "published", "draft"],
    nodes: nodes.map((node) => ({ ...NOBODY, ...node })),
    edges,
  };
}

/** A graph of articles, providers and topics in discs side by side, with links of every kind. */
export function randomMade(chance: Chance, most = 60): Made {
  const count = chance.whole(0, most + 1);
  const areaCount = Math.min(count, chance.whole(1, 6));
  const areas = Array.from({ length: areaCount }, (_, index) => ({
    x: chance.whole(-30, 30) + index * 700 - 1000, y: chance.whole(-400, 400), r: chance.whole(150, 320),
    name: `Area ${index}`, words: ["word"],
  }));
  const nodes = Array.from({ length: count }, (_, node): MadeNode => {
    const area = node < areaCount ? node : chance.whole(0, areaCount);
    const { x, y, r } = areas[area];
    const sort = chance.one([0, 0, 0, 1, 2, PROVIDER, TOPIC]);
    const radius = chance.whole(8, 40);
    const [turn, away] = [chance.part() * 2 * Math.PI, chance.part() * (r - radius - 2)];
    return {
      area, sort, radius, x: Math.floor(x + away * Math.cos(turn)), y: Math.floor(y + away * Math.sin(turn)),
      medium: sort >= PROVIDER ? 0 : chance.whole(0, 3), status: chance.whole(0, 3),
      minutes: sort >= PROVIDER || chance.yes(0.2) ? null : chance.whole(-1_000_000, 30_000_000),
      quality: chance.yes() ? chance.whole(-5, 200) : null,
      heat: chance.yes() ? chance.whole(0, 2 ** 40) : null,
    };
  }).sort((a, b) => a.area - b.area);
  const of = (...sorts: number[]): number[] => [...nodes.keys()].filter((node) => sorts.includes(nodes[node].sort));
  const [articles, providers, topics] = [of(0, 1, 2), of(PROVIDER), of(TOPIC)];
  const edges: Made["edges"] = [];
  for (const article of articles) {
    if (providers.length && chance.yes(0.8)) edges.push([article, chance.one(providers), 0]);
    if (providers.length && chance.yes(0.3)) edges.push([article, chance.one(providers), 1]);
    for (const topic of chance.some(topics, 0.3)) edges.push([article, topic, 2]);
    for (const other of chance.some(articles, 0.08)) edges.push([article, other, 3]);
  }
  for (const topic of topics) for (const other of chance.some(topics, 0.1)) edges.push([topic, other, 4]);
  return { areas, media: ["", "article", "video"], statuses: ["", "published", "draft"], nodes, edges };
}

/** Choices that some of the nodes of a graph meet, often none at all. */
export function randomChoices(chance: Chance, made: Made): Choices {
  const hubs = (sort: number): number[] => made.nodes.flatMap((node, at) => (node.sort === sort ? [at] : []));
  const set = (values: number[]): Set<number> => new Set(chance.yes(0.6) ? [] : chance.some(values, 0.4));
  return {
    kind: set([0, 1, 2]), provider: set(hubs(PROVIDER)), topic: set(hubs(TOPIC)),
    medium: set([0, 1, 2]), status: set([0, 1, 2]),
  };
}

/** A graph, what of it passes, and where the camera stands. */
export interface Scene {
  graph: Graph;
  frame: Frame;
  passes: Uint8Array;
  articles: Uint32Array;
}

/** A scene seen from far and near, at its middle and beside it. */
export function randomScene(chance: Chance): Scene {
  const graph = graphOf(randomMade(chance, 80));
  const passes = Uint8Array.from({ length: graph.count }, () => Number(chance.yes(0.8)));
  const camera = { x: chance.whole(-1400, 2600), y: chance.whole(-600, 600), k: 10 ** (chance.part() * 3 - 2) };
  const frame = frameOf(camera, chance.whole(100, 1500), chance.whole(100, 900));
  return { graph, passes, articles: articlesByArea(graph, passes), frame };
}

export function pictureOf({ graph, frame, passes, articles }: Scene, moving = false): Picture {
  return new Painter(graph).picture(frame, passes, articles, moving);
}
