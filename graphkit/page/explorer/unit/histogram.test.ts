import assert from "node:assert/strict";
import { test } from "node:test";
import { PROVIDER } from "../source/graph.ts";
import { type Bins, binOf, binsFor, countsOf } from "../source/histogram.ts";
import { DAY } from "../source/times.ts";
import { type Chance, graphOf, type Made, often, plain } from "./sample_graphs.ts";

/** Articles at dates of all sorts: near each other, far apart, a few far from the rest, some unknown. */
function randomDated(chance: Chance): Made {
  const middle = chance.whole(-20_000_000, 60_000_000);
  const spread = 2 ** (chance.part() * 24);
  const far = chance.yes() ? 0.005 : 0;
  return plain(Array.from({ length: chance.whole(0, 400) }, () => ({
    sort: chance.one([0, 1, 2, PROVIDER]),
    minutes: chance.yes(0.1) ? null : Math.round(middle + (chance.yes(far) ? 2 ** 28 : spread) * (chance.part() - 0.5)),
  })));
}

function dated({ nodes }: Pick<Made, "nodes">): number[] {
  return nodes.flatMap(({ sort, minutes }) => (sort < PROVIDER && minutes !== null ? [minutes] : []));
}

function endOf({ start, step, count }: Bins): number {
  return start + step * count;
}

test("where no article has a date there are no bins", () => {
  assert.equal(binsFor(graphOf(plain([]))), null);
  assert.equal(binsFor(graphOf(plain([{}, { sort: PROVIDER, minutes: 5 }]))), null);
});

test("dates that are all equal stand in one bin of a day", () => {
  for (const minutes of [-1, 0, 27_000_000]) {
    const bins = binsFor(graphOf(plain([{ minutes }, { minutes }])));
    const start = Math.floor(minutes / DAY) * DAY;
    assert.deepEqual(bins, { start, step: DAY, count: 1, earlier: false, later: false });
  }
});

test("bins are of whole days, no more than there is room for, and none too many", () => {
  often(300, (chance) => {
    const made = randomDated(chance);
    const bins = binsFor(graphOf(made));
    const dates = dated(made);
    assert.equal(bins === null, dates.length === 0);
    if (!bins) return;
    assert.ok(bins.count >= 1 && bins.count <= 120, String(bins.count));
    assert.deepEqual([Math.abs(bins.start % DAY), bins.step % DAY], [0, 0]);
    const [first, last] = [Math.min(...dates), Math.max(...dates)];
    assert.equal(bins.earlier, first < bins.start);
    assert.equal(bins.later, last >= endOf(bins));
    if (!bins.earlier) assert.equal(bins.start, Math.floor(first / DAY) * DAY);
    if (!bins.later) assert.ok(last >= endOf(bins) - bins.step);
  });
});

test("every article with a date counts once, in the bin that holds it, the ends also for what lies beyond", () => {
  often(300, (chance) => {
    const made = randomDated(chance);
    const graph = graphOf(made);
    const bins = binsFor(graph);
    if (!bins) return;
    const marks = Uint8Array.from(made.nodes, () => Number(chance.yes(0.7)));
    const dates = dated({ nodes: made.nodes.filter((_, at) => marks[at]) });
    const expected = Array.from({ length: bins.count }, (_, at) => {
      const from = at === 0 ? -Infinity : bins.start + at * bins.step;
      const to = at === bins.count - 1 ? Infinity : bins.start + (at + 1) * bins.step;
      return dates.filter((minutes) => from <= minutes && minutes < to).length;
    });
    assert.deepEqual([...countsOf(graph, bins, marks)], expected);
  });
});

test("a few dates far away do not press all others into one bin", () => {
  const year = 365 * DAY;
  const usual = Array.from({ length: 300 }, (_, at) => ({ minutes: 27_000_000 + at * DAY }));
  const bins = binsFor(graphOf(plain([{ minutes: 0 }, ...usual, { minutes: 130 * year }])));
  assert.ok(bins?.earlier && bins.later);
  const filled = new Set(usual.map(({ minutes }) => binOf(bins, minutes)));
  assert.ok(filled.size > bins.count * 0.9, `${filled.size} of ${bins.count}`);
  assert.deepEqual([binOf(bins, 0), binOf(bins, 130 * year)], [0, bins.count - 1]);
});

test("all dates are within the bins where none is far from the rest", () => {
  for (const days of [1, 2, 119, 120, 121, 122, 300]) {
    // At midnight, where the last is the first minute of its bin.
    const bins = binsFor(graphOf(plain(Array.from({ length: days }, (_, at) => ({ minutes: at * DAY })))));
    assert.ok(bins && !bins.earlier && !bins.later && endOf(bins) > (days - 1) * DAY, `${days} days`);
  }
});
