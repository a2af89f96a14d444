/** Computes which nodes pass the filters, and how many would pass each choice. */

import { type Graph, isHub, itemsOf, otherEnd, PROVIDER, TOPIC } from "./graph.ts";

export const FACETS = ["kind", "provider", "topic", "medium", "status"] as const;
export type Facet = (typeof FACETS)[number];
export const KINDS = ["article", "provider", "topic"] as const;

/** The chosen values of each facet; none means all. Providers and topics are given by their node. */
export type Choices = Readonly<Record<Facet, ReadonlySet<number>>>;

/** A half-open time interval, in minutes since 1970. */
export type Span = readonly [number, number];

export interface Narrowing {
  choices: Choices;
  span: Span | null;
  /** With a node and steps above 0, only the nodes within that many steps of it. */
  around: number;
  steps: number;
}

export interface Sifted {
  /** 1 for each node that passes. */
  passes: Uint8Array;
  /** For each facet and value, how many nodes would pass if nothing were chosen in that facet. */
  counts: Record<Facet, Map<number, number>>;
  /** 1 for each article that passes all filters but that of time: the timeline shows these. */
  timely: Uint8Array;
  articles: number;
  providers: number;
  topics: number;
}

export const NO_CHOICES: Choices = {
  kind: new Set(), provider: new Set(), topic: new Set(), medium: new Set(), status: new Set(),
};

const KIND = 1;
const OF_PROVIDER = 2;
const OF_TOPIC = 4;
const MEDIUM = 8;
const STATUS = 16;
const TIME = 32;

/** Return 0, 1 or 2: article, provider or topic, as in KINDS. */
export function kindOf(sort: number): number {
  return sort < PROVIDER ? 0 : sort - PROVIDER + 1;
}

export function isNarrowed({ choices, span, steps }: Narrowing): boolean {
  return span !== null || steps > 0 || FACETS.some((facet) => choices[facet].size > 0);
}

export function sift(graph: Graph, narrowing: Narrowing): Sifted {
  const { choices, span } = narrowing;
  const reached = narrowing.steps > 0 ? within(graph, narrowing.around, narrowing.steps) : null;
  const { count, sort } = graph;
  const passes = new Uint8Array(count);
  const timely = new Uint8Array(count);
  const providers = marked(choices.provider, count);
  const topics = marked(choices.topic, count);
  const byArticle = span !== null || choices.medium.size + choices.status.size + choices.provider.size + choices.topic.size > 0;
  const counts: Sifted["counts"] = {
    kind: new Map(), provider: new Map(), topic: new Map(), medium: new Map(), status: new Map(),
  };
  const tally = (facet: Facet, value: number): void => {
    counts[facet].set(value, (counts[facet].get(value) ?? 0) + 1);
  };
  const kindPasses = (kind: number): boolean => choices.kind.size === 0 || choices.kind.has(kind);

  // Hubs linked from an article that passes all filters but that of kinds.
  const led = new Uint8Array(count);
  for (let node = 0; node < count; node += 1) {
    if (isHub(sort[node]) || (reached && !reached[node])) continue;
    let bits = kindPasses(0) ? 0 : KIND; // one for each facet that it fails
    if (choices.medium.size && !choices.medium.has(graph.medium[node])) bits |= MEDIUM;
    if (choices.status.size && !choices.status.has(graph.status[node])) bits |= STATUS;
    if (span && !(graph.minutes[node] >= span[0] && graph.minutes[node] < span[1])) bits |= TIME;
    if (providers && !some(graph.out.publisher, node, providers) && !some(graph.out.distributor, node, providers)) {
      bits |= OF_PROVIDER;
    }
    if (topics && !some(graph.out.about, node, topics)) bits |= OF_TOPIC;
    if (bits === 0) passes[node] = 1;
    if ((bits & ~TIME) === 0) timely[node] = 1;
    if ((bits & ~KIND) === 0) {
      tally("kind", 0);
      for (const list of [graph.out.publisher, graph.out.distributor, graph.out.about]) {
        for (const hub of itemsOf(list, node)) led[hub] = 1;
      }
    }
    if ((bits & ~MEDIUM) === 0) tally("medium", graph.medium[node]);
    if ((bits & ~STATUS) === 0) tally("status", graph.status[node]);
    if ((bits & ~OF_PROVIDER) === 0) {
      const publishers = itemsOf(graph.out.publisher, node);
      for (const hub of publishers) tally("provider", hub);
      for (const hub of itemsOf(graph.out.distributor, node)) if (!publishers.includes(hub)) tally("provider", hub);
    }
    if ((bits & ~OF_TOPIC) === 0) for (const hub of itemsOf(graph.out.about, node)) tally("topic", hub);
  }
  for (let node = 0; node < count; node += 1) {
    if (!isHub(sort[node]) || (reached && !reached[node]) || (byArticle && !led[node])) continue;
    const kind = kindOf(sort[node]);
    tally("kind", kind);
    if (kindPasses(kind)) passes[node] = 1;
  }
  let [articles, hubs, concepts] = [0, 0, 0];
  for (let node = 0; node < count; node += 1) {
    if (!passes[node]) continue;
    if (sort[node] === PROVIDER) hubs += 1;
    else if (sort[node] === TOPIC) concepts += 1;
    else articles += 1;
  }
  return { passes, counts, timely, articles, providers: hubs, topics: concepts };
}

function marked(nodes: ReadonlySet<number>, count: number): Uint8Array | null {
  if (nodes.size === 0) return null;
  const marks = new Uint8Array(count);
  for (const node of nodes) marks[node] = 1;
  return marks;
}

function some(lists: { starts: Uint32Array; items: Uint32Array }, node: number, marks: Uint8Array): boolean {
  for (let at = lists.starts[node]; at < lists.starts[node + 1]; at += 1) if (marks[lists.items[at]]) return true;
  return false;
}

/** Return 1 for each node at most this many steps from `centre`, along edges in both directions. */
export function within(graph: Graph, centre: number, steps: number): Uint8Array {
  const reached = new Uint8Array(graph.count);
  reached[centre] = 1;
  let frontier = [centre];
  for (let step = 0; step < steps; step += 1) {
    const next: number[] = [];
    for (const node of frontier) {
      for (const edge of itemsOf(graph.around, node)) {
        const other = otherEnd(graph.edges, edge, node);
        if (reached[other]) continue;
        reached[other] = 1;
        next.push(other);
      }
    }
    frontier = next;
  }
  return reached;
}
