/** The graph as typed arrays with an item for each node, read from the block `shape`: see graphkit/page/explorer/columns.py. */

import { Reader } from "./bytes.ts";

export const FORMAT = 1;
export const SORTS = ["article", "video", "other", "provider", "topic"] as const;
export const EDGES = ["publisher", "distributor", "about", "related", "broader"] as const;
export type Sort = (typeof SORTS)[number];
export type Edge = (typeof EDGES)[number];

export const PROVIDER = 3;
export const TOPIC = 4;

/** An area: the disc around the nodes of one community. */
export interface Area {
  x: number;
  y: number;
  r: number;
  /** The topic or words that most of its articles share. */
  name: string;
  words: string[];
  /** Its nodes are those from `start` up to, not including, `end`. */
  start: number;
  end: number;
}

/** Lists of nodes, stored contiguously: that of `node` is from `starts[node]` to `starts[node + 1]`. */
export interface Lists {
  starts: Uint32Array;
  items: Uint32Array;
}

export interface Graph {
  count: number;
  /** Whether the page has whole excerpts and images. */
  whole: boolean;
  areas: Area[];
  x: Float64Array;
  y: Float64Array;
  radius: Float64Array;
  /** Index into SORTS. */
  sort: Uint8Array;
  area: Uint32Array;
  media: string[];
  medium: Uint32Array;
  statuses: string[];
  status: Uint32Array;
  /** When it was published, in minutes since 1970; NaN where unknown. */
  minutes: Float64Array;
  quality: Float64Array;
  heat: Float64Array;
  /** The targets of each kind of edge, and the sources for the opposite direction. */
  out: Record<Edge, Lists>;
  back: Record<Edge, Lists>;
  edges: EdgeTable;
  /** The edges of each node, in both directions. */
  around: Lists;
  /** All nodes, those with the most edges first, hubs before the rest. */
  byImportance: Uint32Array;
}

export interface EdgeTable {
  from: Uint32Array;
  to: Uint32Array;
  /** Index into EDGES. */
  kind: Uint8Array;
}

interface Header {
  format: number;
  nodes: number;
  whole: boolean;
  media: string[];
  statuses: string[];
  areas: { x: number; y: number; r: number; name: string; words: string[] }[];
}

export function isHub(sort: number): boolean {
  return sort >= PROVIDER;
}

/** Yield the items of one node. */
export function itemsOf(lists: Lists, node: number): Uint32Array {
  return lists.items.subarray(lists.starts[node], lists.starts[node + 1]);
}

export function decode(bytes: Uint8Array): Graph {
  const reader = new Reader(bytes);
  const header = JSON.parse(reader.text(reader.unsigned())) as Header;
  if (header.format !== FORMAT) throw new Error(`expected data of format ${FORMAT}, got ${header.format}`);
  const count = header.nodes;
  let end = 0;
  const areas = header.areas.map((area) => {
    const start = end;
    end += reader.unsigned();
    return { ...area, start, end };
  });
  const area = new Uint32Array(count);
  areas.forEach((of, index) => area.fill(index, of.start, of.end));
  const x = Float64Array.from({ length: count }, (_, node) => areas[area[node]].x + reader.signed());
  const y = Float64Array.from({ length: count }, (_, node) => areas[area[node]].y + reader.signed());
  const sort = Uint8Array.from({ length: count }, () => reader.unsigned());
  const radius = Float64Array.from({ length: count }, () => reader.unsigned());
  const medium = Uint32Array.from({ length: count }, () => reader.unsigned());
  const status = Uint32Array.from({ length: count }, () => reader.unsigned());
  const [minutes, quality, heat] = [optional(reader, count), optional(reader, count), optional(reader, count)];
  const out = {} as Record<Edge, Lists>;
  const back = {} as Record<Edge, Lists>;
  for (const kind of EDGES) {
    out[kind] = kind === "related" ? near(reader, count) : ranked(reader, count);
    back[kind] = turned(out[kind], count);
  }
  const edges = table(out, count);
  const around = incidence(edges, count);
  const byImportance = ordered(around, sort, count);
  return {
    count, whole: header.whole, areas, x, y, radius, sort, area, media: header.media, medium,
    statuses: header.statuses, status, minutes, quality, heat, out, back, edges, around, byImportance,
  };
}

function optional(reader: Reader, count: number): Float64Array {
  const values = Float64Array.from({ length: count }, () => (reader.unsigned() ? 0 : NaN));
  let last = 0;
  for (let node = 0; node < count; node += 1) {
    if (values[node] === 0) values[node] = last += reader.signed();
  }
  return values;
}

function startsOf(reader: Reader, count: number): Uint32Array {
  const starts = new Uint32Array(count + 1);
  for (let node = 0; node < count; node += 1) starts[node + 1] = starts[node] + reader.unsigned();
  return starts;
}

function near(reader: Reader, count: number): Lists {
  const starts = startsOf(reader, count);
  const items = new Uint32Array(starts[count]);
  for (let node = 0; node < count; node += 1) {
    for (let at = starts[node]; at < starts[node + 1]; at += 1) items[at] = node + reader.signed();
  }
  return { starts, items };
}

function ranked(reader: Reader, count: number): Lists {
  let last = 0;
  const targets = Uint32Array.from({ length: reader.unsigned() }, () => (last += reader.signed()));
  const starts = startsOf(reader, count);
  return { starts, items: Uint32Array.from({ length: starts[count] }, () => targets[reader.unsigned()]) };
}

/** Turn lists of targets into lists of sources. */
function turned({ starts, items }: Lists, count: number): Lists {
  const turned = { starts: new Uint32Array(count + 1), items: new Uint32Array(items.length) };
  for (const item of items) turned.starts[item + 1] += 1;
  for (let node = 0; node < count; node += 1) turned.starts[node + 1] += turned.starts[node];
  const next = turned.starts.slice();
  for (let node = 0; node < count; node += 1) {
    for (let at = starts[node]; at < starts[node + 1]; at += 1) turned.items[next[items[at]]++] = node;
  }
  return turned;
}

function table(out: Record<Edge, Lists>, count: number): EdgeTable {
  const total = EDGES.reduce((sum, kind) => sum + out[kind].items.length, 0);
  const edges = { from: new Uint32Array(total), to: new Uint32Array(total), kind: new Uint8Array(total) };
  let edge = 0;
  EDGES.forEach((name, kind) => {
    const { starts, items } = out[name];
    for (let node = 0; node < count; node += 1) {
      for (let at = starts[node]; at < starts[node + 1]; at += 1, edge += 1) {
        edges.from[edge] = node;
        edges.to[edge] = items[at];
        edges.kind[edge] = kind;
      }
    }
  });
  return edges;
}

function incidence({ from, to }: EdgeTable, count: number): Lists {
  const starts = new Uint32Array(count + 1);
  for (let edge = 0; edge < from.length; edge += 1) {
    starts[from[edge] + 1] += 1;
    if (to[edge] !== from[edge]) starts[to[edge] + 1] += 1;
  }
  for (let node = 0; node < count; node += 1) starts[node + 1] += starts[node];
  const items = new Uint32Array(starts[count]);
  const next = starts.slice();
  for (let edge = 0; edge < from.length; edge += 1) {
    items[next[from[edge]]++] = edge;
    if (to[edge] !== from[edge]) items[next[to[edge]]++] = edge;
  }
  return { starts, items };
}

function ordered({ starts }: Lists, sort: Uint8Array, count: number): Uint32Array {
  // One number each, sorted as numbers: a comparing function costs ten times as much for 100,000 nodes.
  const keys = Float64Array.from({ length: count }, (_, node) => {
    const degree = Math.min(starts[node + 1] - starts[node], 999_999);
    return ((isHub(sort[node]) ? 0 : 1_000_000) + 999_999 - degree) * 2 ** 24 + node;
  });
  return Uint32Array.from(keys.sort(), (key) => key % 2 ** 24);
}

/** Return the node at the other end of an edge. */
export function otherEnd({ from, to }: EdgeTable, edge: number, node: number): number {
  return from[edge] === node ? to[edge] : from[edge];
}
