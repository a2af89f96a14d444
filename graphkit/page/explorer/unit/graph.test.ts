import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, EDGES, isHub, itemsOf, otherEnd } from "../source/graph.ts";
import { graphOf, often, plain, randomMade, shapeOf } from "./sample_graphs.ts";

test("a small block is read", () => {
  const graph = graphOf({
    areas: [{ x: 100, y: -50, r: 30, name: "AI", words: ["robots"] }, { x: 0, y: 0, r: 9, name: "", words: [] }],
    media: ["article", ""],
    statuses: ["published", ""],
    nodes: [
      { area: 0, x: 90, y: -40, sort: 0, radius: 9, medium: 0, status: 0, minutes: -5, quality: 87, heat: null },
      { area: 0, x: 101, y: -50, sort: 4, radius: 12, medium: 1, status: 1, minutes: null, quality: null, heat: null },
      { area: 1, x: -1, y: 0, sort: 1, radius: 8, medium: 0, status: 0, minutes: 27_000_000, quality: -1, heat: 3 },
    ],
    edges: [[0, 1, 2], [0, 2, 3], [2, 1, 2], [2, 0, 3]],
  });
  assert.equal(graph.count, 3);
  assert.equal(graph.whole, true);
  assert.deepEqual(graph.areas, [
    { x: 100, y: -50, r: 30, name: "AI", words: ["robots"], start: 0, end: 2 },
    { x: 0, y: 0, r: 9, name: "", words: [], start: 2, end: 3 },
  ]);
  assert.deepEqual([...graph.area], [0, 0, 1]);
  assert.deepEqual([...graph.x], [90, 101, -1]);
  assert.deepEqual([...graph.y], [-40, -50, 0]);
  assert.deepEqual([...graph.minutes], [-5, NaN, 27_000_000]);
  assert.deepEqual([...graph.quality], [87, NaN, -1]);
  assert.deepEqual([...graph.heat], [NaN, NaN, 3]);
  assert.deepEqual([...itemsOf(graph.out.about, 0)], [1]);
  assert.deepEqual([...itemsOf(graph.back.about, 1)], [0, 2]);
  assert.deepEqual([...itemsOf(graph.out.related, 2)], [0]);
  assert.deepEqual([...graph.byImportance], [1, 0, 2]);
});

test("an empty graph is read", () => {
  const graph = graphOf(plain([]));
  assert.deepEqual([graph.count, graph.areas, graph.edges.from.length, graph.byImportance.length], [0, [], 0, 0]);
});

test("data of another format is refused in words", () => {
  assert.throws(() => decode(shapeOf(plain([{}]), 2)), /expected data of format 1, got 2/);
});

test("what was written of any graph comes back, and the way back is the way there turned", () => {
  often(200, (chance) => {
    const made = randomMade(chance);
    const graph = graphOf(made);
    made.nodes.forEach((node, at) => {
      const whole = ["area", "x", "y", "sort", "radius", "medium", "status"] as const;
      for (const column of whole) assert.equal(graph[column][at], node[column], column);
      assert.deepEqual(
        [graph.minutes[at], graph.quality[at], graph.heat[at]],
        [node.minutes ?? NaN, node.quality ?? NaN, node.heat ?? NaN],
      );
    });
    EDGES.forEach((name, kind) => {
      const edges = made.edges.filter(([, , of]) => of === kind);
      made.nodes.forEach((_, at) => {
        assert.deepEqual([...itemsOf(graph.out[name], at)], edges.filter(([from]) => from === at).map(([, to]) => to));
        const sources = edges.filter(([, to]) => to === at).map(([from]) => from);
        assert.deepEqual([...itemsOf(graph.back[name], at)], sources.sort((a, b) => a - b));
      });
    });
  });
});

test("the table holds each edge once, and each node knows those at it", () => {
  often(100, (chance) => {
    const made = randomMade(chance);
    const { edges, around, count } = graphOf(made);
    const read = [...edges.from].map((from, edge) => [from, edges.to[edge], edges.kind[edge]].join());
    assert.deepEqual(read.sort(), made.edges.map((edge) => edge.join()).sort());
    for (let node = 0; node < count; node += 1) {
      const at = [...itemsOf(around, node)];
      const expected = [...edges.from.keys()].filter((edge) => edges.from[edge] === node || edges.to[edge] === node);
      assert.deepEqual(at.sort((a, b) => a - b), expected);
      for (const edge of at) {
        const other = otherEnd(edges, edge, node);
        assert.deepEqual([edges.from[edge], edges.to[edge]].sort(), [node, other].sort());
      }
    }
  });
});

test("by importance come hubs, then the rest, each by the number of their edges", () => {
  often(100, (chance) => {
    const { byImportance, sort, around, count } = graphOf(randomMade(chance));
    const degree = (node: number): number => itemsOf(around, node).length;
    const expected = Array.from({ length: count }, (_, node) => node).sort(
      (a, b) => Number(isHub(sort[b])) - Number(isHub(sort[a])) || degree(b) - degree(a) || a - b,
    );
    assert.deepEqual([...byImportance], expected);
  });
});
