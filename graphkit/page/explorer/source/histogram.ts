/** A histogram of articles by date: equal bins of whole days, the outer ones open for dates far from the rest. */

import type { Graph } from "./graph.ts";
import { isHub } from "./graph.ts";
import { DAY } from "./times.ts";

export interface Bins {
  /** The start of the first bin, in minutes since 1970, and the width of each in minutes. */
  start: number;
  step: number;
  count: number;
  /** Whether the first and the last bin hold everything before and after. */
  earlier: boolean;
  later: boolean;
}

const MOST_BINS = 120;
const STEPS = [1, 2, 7, 14, 28, 91, 182, 364, 1820, 3640, 18_200]; // days

/** Choose the bins for the dates of a graph, null if no article has a date. */
export function binsFor(graph: Graph): Bins | null {
  const dated: number[] = [];
  for (let node = 0; node < graph.count; node += 1) {
    if (!isHub(graph.sort[node]) && !Number.isNaN(graph.minutes[node])) dated.push(graph.minutes[node]);
  }
  if (!dated.length) return null;
  const sorted = Float64Array.from(dated).sort();
  const [first, last] = [sorted[0], sorted[sorted.length - 1]];
  const trim = Math.ceil(sorted.length * 0.01);
  const [low, high] = [sorted[Math.min(trim, sorted.length - 1)], sorted[Math.max(0, sorted.length - 1 - trim)]];
  // A few dates far away would squeeze all others into one bin.
  const stretched = sorted.length > 20 && last - first > 3 * Math.max(high - low, 30 * DAY);
  const [from, to] = stretched ? [low, high] : [first, last];
  const days = Math.floor(to / DAY) - Math.floor(from / DAY) + 1;
  const step = (STEPS.find((one) => days / one <= MOST_BINS) ?? Math.ceil(days / MOST_BINS)) * DAY;
  const start = Math.floor(from / DAY) * DAY;
  const count = Math.max(1, Math.ceil((to + 1 - start) / step));
  return { start, step, count, earlier: first < start, later: last >= start + count * step };
}

/** The bin of a moment, the first or the last if it is outside. */
export function binOf({ start, step, count }: Bins, minutes: number): number {
  return Math.max(0, Math.min(count - 1, Math.floor((minutes - start) / step)));
}

/** How many of the marked articles are in each bin. */
export function countsOf(graph: Graph, bins: Bins, marks: Uint8Array): Uint32Array {
  const counts = new Uint32Array(bins.count);
  for (let node = 0; node < graph.count; node += 1) {
    if (marks[node] && !isHub(graph.sort[node]) && !Number.isNaN(graph.minutes[node])) counts[binOf(bins, graph.minutes[node])] += 1;
  }
  return counts;
}
