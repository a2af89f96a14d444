import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Choices, FACETS, isNarrowed, kindOf, type Narrowing, NO_CHOICES, sift, type Sifted, within,
} from "../source/filters.ts";
import { PROVIDER, TOPIC } from "../source/graph.ts";
import { type Chance, graphOf, type Made, often, plain, randomChoices, randomMade } from "./sample_graphs.ts";

const OPEN: Narrowing = { choices: NO_CHOICES, span: null, around: -1, steps: 0 };

/** Breadth first, from sets: what is within so many steps. */
function reachedFrom(made: Made, centre: number, steps: number): Set<number> {
  let reached = new Set([centre]);
  for (let step = 0; step < steps; step += 1) {
    const wider = new Set(reached);
    for (const [from, to] of made.edges) {
      if (reached.has(from)) wider.add(to);
      if (reached.has(to)) wider.add(from);
    }
    reached = wider;
  }
  return reached;
}

/** The same as `sift`, said in the words of its documentation, one question for each node. */
function plainly(made: Made, { choices, span, around, steps }: Narrowing): Sifted {
  const { nodes, edges } = made;
  const reached = steps > 0 ? reachedFrom(made, around, steps) : new Set(nodes.keys());
  const hubsOf = (node: number, kinds: number[]): Set<number> =>
    new Set(edges.filter(([from, , kind]) => from === node && kinds.includes(kind)).map(([, to]) => to));
  const meets = (chosen: ReadonlySet<number>, values: Iterable<number>): boolean =>
    chosen.size === 0 || [...values].some((value) => chosen.has(value));
  const articlePasses = (node: number, without = ""): boolean => {
    const { sort, medium, status, minutes } = nodes[node];
    return sort < PROVIDER && reached.has(node)
      && (without === "kind" || meets(choices.kind, [0]))
      && (without === "medium" || meets(choices.medium, [medium]))
      && (without === "status" || meets(choices.status, [status]))
      && (without === "provider" || meets(choices.provider, hubsOf(node, [0, 1])))
      && (without === "topic" || meets(choices.topic, hubsOf(node, [2])))
      && (without === "time" || span === null || (minutes !== null && span[0] <= minutes && minutes < span[1]));
  };
  const all = [...nodes.keys()];
  const telling = all.filter((node) => articlePasses(node, "kind"));
  const led = new Set(telling.flatMap((node) => [...hubsOf(node, [0, 1, 2])]));
  const narrows = span !== null || FACETS.some((facet) => facet !== "kind" && choices[facet].size > 0);
  const hubPasses = (node: number, without = ""): boolean =>
    nodes[node].sort >= PROVIDER && reached.has(node) && (!narrows || led.has(node))
    && (without === "kind" || meets(choices.kind, [nodes[node].sort === PROVIDER ? 1 : 2]));
  const passing = all.filter((node) => articlePasses(node) || hubPasses(node));
  const counts: Sifted["counts"] = {
    kind: new Map(), provider: new Map(), topic: new Map(), medium: new Map(), status: new Map(),
  };
  for (const node of all) {
    const values = {
      kind: [nodes[node].sort < PROVIDER ? 0 : nodes[node].sort === PROVIDER ? 1 : 2],
      provider: hubsOf(node, [0, 1]), topic: hubsOf(node, [2]),
      medium: [nodes[node].medium], status: [nodes[node].status],
    };
    for (const facet of FACETS) {
      if (!articlePasses(node, facet) && !(facet === "kind" && hubPasses(node, "kind"))) continue;
      for (const value of values[facet]) counts[facet].set(value, (counts[facet].get(value) ?? 0) + 1);
    }
  }
  const marks = (these: number[]): Uint8Array => Uint8Array.from(all, (node) => Number(these.includes(node)));
  return {
    passes: marks(passing),
    timely: marks(all.filter((node) => articlePasses(node, "time"))),
    counts,
    articles: passing.filter((node) => nodes[node].sort < PROVIDER).length,
    providers: passing.filter((node) => nodes[node].sort === PROVIDER).length,
    topics: passing.filter((node) => nodes[node].sort === TOPIC).length,
  };
}

function randomNarrowing(chance: Chance, made: Made): Narrowing {
  const from = chance.whole(-1_000_000, 30_000_000);
  return {
    choices: randomChoices(chance, made),
    span: chance.yes(0.6) ? null : [from, from + chance.whole(0, 20_000_000)],
    around: made.nodes.length ? chance.whole(0, made.nodes.length) : -1,
    steps: made.nodes.length && chance.yes(0.4) ? chance.whole(1, 4) : 0,
  };
}

test("any graph is sifted by any choices as the documentation says", () => {
  often(600, (chance) => {
    const made = randomMade(chance, 40);
    const narrowing = randomNarrowing(chance, made);
    const sifted = sift(graphOf(made), narrowing);
    const expected = plainly(made, narrowing);
    assert.deepEqual(sifted.passes, expected.passes);
    assert.deepEqual(sifted.timely, expected.timely);
    for (const facet of FACETS) {
      assert.deepEqual([...sifted.counts[facet]].sort(), [...expected.counts[facet]].sort(), facet);
    }
    assert.deepEqual(
      [sifted.articles, sifted.providers, sifted.topics], [expected.articles, expected.providers, expected.topics],
    );
  });
});

test("without any choice everything passes", () => {
  often(50, (chance) => {
    const made = randomMade(chance);
    const { passes, articles, providers, topics } = sift(graphOf(made), OPEN);
    assert.ok(passes.every((pass) => pass === 1));
    assert.equal(articles + providers + topics, made.nodes.length);
  });
});

test("a value's count is what choosing it alone in its facet would leave", () => {
  often(60, (chance) => {
    const made = randomMade(chance, 25);
    const graph = graphOf(made);
    const narrowing = randomNarrowing(chance, made);
    const { counts } = sift(graph, narrowing);
    for (const facet of FACETS) {
      for (const [value, count] of counts[facet]) {
        const choices: Choices = { ...narrowing.choices, [facet]: new Set([value]) };
        const after = sift(graph, { ...narrowing, choices });
        if (facet === "kind") assert.equal([after.articles, after.providers, after.topics][value], count);
        // The count is of articles, which other kinds may be chosen over.
        else assert.equal(after.articles, count, facet);
      }
    }
  });
});

test("an article with the same provider as publisher and distributor counts once", () => {
  const graph = graphOf(plain([{}, { sort: PROVIDER }], [[0, 1, 0], [0, 1, 1]]));
  const { counts } = sift(graph, OPEN);
  assert.deepEqual([...counts.provider], [[1, 1]]);
});

test("a span holds its beginning and not its end", () => {
  const graph = graphOf(plain([{ minutes: 9 }, { minutes: 10 }, { minutes: 19 }, { minutes: 20 }, {}]));
  const { passes, timely } = sift(graph, { ...OPEN, span: [10, 20] });
  assert.deepEqual([...passes], [0, 1, 1, 0, 0]);
  assert.deepEqual([...timely], [1, 1, 1, 1, 1]);
});

test("within so many steps is what a plain search finds", () => {
  often(200, (chance) => {
    const made = randomMade(chance, 40);
    if (!made.nodes.length) return;
    const [centre, steps] = [chance.whole(0, made.nodes.length), chance.whole(0, 5)];
    const reached = within(graphOf(made), centre, steps);
    const expected = reachedFrom(made, centre, steps);
    assert.deepEqual([...reached.keys()].filter((node) => reached[node]), [...expected].sort((a, b) => a - b));
  });
});

test("sorts belong to three kinds, and every narrowing is known as one", () => {
  assert.deepEqual([0, 1, 2, 3, 4].map(kindOf), [0, 0, 0, 1, 2]);
  const none: Narrowing = { ...OPEN, around: 3 };
  assert.equal(isNarrowed(none), false);
  assert.equal(isNarrowed({ ...none, steps: 1 }), true);
  assert.equal(isNarrowed({ ...none, span: [0, 1] }), true);
  for (const facet of FACETS) {
    assert.equal(isNarrowed({ ...none, choices: { ...NO_CHOICES, [facet]: new Set([0]) } }), true);
  }
});
