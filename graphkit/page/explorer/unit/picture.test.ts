import assert from "node:assert/strict";
import { test } from "node:test";
import { type Frame, frameOf, onScreenX, onScreenY } from "../source/frame.ts";
import { type Area, type Graph, isHub } from "../source/graph.ts";
import { byLength, neighbourTowards, Painter, type Picture } from "../source/picture.ts";
import { graphOf, often, pictureOf, plain, randomMade, randomScene, type Scene } from "./sample_graphs.ts";

/** Whether the box around a disc and the stage have a point in common. */
function onStage(frame: Frame, x: number, y: number, r: number): boolean {
  const [left, right] = [x - r, x + r].map((end) => onScreenX(frame, end));
  const [top, bottom] = [y - r, y + r].map((end) => onScreenY(frame, end));
  return right >= 0 && left <= frame.width && bottom >= 0 && top <= frame.height;
}

function lengthOf({ edges, x, y }: Graph, edge: number): number {
  return Math.hypot(x[edges.from[edge]] - x[edges.to[edge]], y[edges.from[edge]] - y[edges.to[edge]]);
}

function passing({ graph: { edges }, passes }: Scene, edge: number): boolean {
  return passes[edges.from[edge]] === 1 && passes[edges.to[edge]] === 1;
}

test("in the picture are the nodes that pass and are on the stage, all of them, hubs on top", () => {
  often(300, (chance) => {
    const scene = randomScene(chance);
    const { graph, frame, passes } = scene;
    const expected = [...Array(graph.count).keys()].filter(
      (node) => passes[node] && onStage(frame, graph.x[node], graph.y[node], graph.radius[node]),
    );
    for (const moving of [false, true]) {
      const nodes = [...pictureOf(scene, moving).nodes];
      const [below, above] = [false, true].map((hubs) => expected.filter((node) => isHub(graph.sort[node]) === hubs));
      assert.deepEqual(nodes, [...below, ...above]);
    }
  });
});

test("in the picture are the areas on the stage, with how many of their articles pass", () => {
  often(300, (chance) => {
    const scene = randomScene(chance);
    const { graph, frame, passes } = scene;
    const expected = graph.areas.flatMap(({ x, y, r }, index) => {
      const members = [...Array(graph.count).keys()].filter((node) => graph.area[node] === index);
      const articles = members.filter((node) => passes[node] && !isHub(graph.sort[node])).length;
      return onStage(frame, x, y, r) ? [{ index, articles }] : [];
    });
    assert.deepEqual(pictureOf(scene).areas, expected);
  });
});

test("while the camera moves there are no links", () => {
  let some = 0;
  often(50, (chance) => {
    const scene = randomScene(chance);
    assert.deepEqual(pictureOf(scene, true).edges, []);
    some += pictureOf(scene).edges.length;
  });
  assert.ok(some > 0);
});

test("links in the picture are the shortest of those that pass and reach the stage, as many as have room", () => {
  let cut = 0;
  often(400, (chance) => {
    const scene = randomScene(chance);
    const { graph, frame } = scene;
    const { nodes, edges } = pictureOf(scene);
    const here = new Set(nodes);
    const { from, to } = graph.edges;
    const reaches = (edge: number): boolean => here.has(from[edge]) || here.has(to[edge]);
    const fitting = [...from.keys()].filter((edge) => passing(scene, edge) && reaches(edge));
    assert.equal(new Set(edges).size, edges.length);
    assert.ok(edges.every((edge) => fitting.includes(edge)));
    const lengths = edges.map((edge) => Math.round(lengthOf(graph, edge)));
    assert.deepEqual(lengths, [...lengths].sort((a, b) => a - b));
    const left = fitting.filter((edge) => !edges.includes(edge));
    assert.ok(left.every((edge) => Math.round(lengthOf(graph, edge)) >= lengths[lengths.length - 1]));
    const room = Math.floor((frame.width * frame.height) / 1500);
    if (left.length) assert.ok(edges.length >= room, `${edges.length} of ${fitting.length}`);
    cut += left.length ? 1 : 0;
  });
  assert.ok(cut > 0, "some pictures have some of the links");
});

test("where nodes lie too close there are no links", () => {
  const nodes = Array.from({ length: 40 }, (_, at) => ({ x: at, y: at % 7 }));
  const graph = graphOf(plain(nodes, [[0, 39, 3], [3, 4, 3]]));
  const passes = new Uint8Array(40).fill(1);
  const picture = (width: number): Picture => {
    const frame = frameOf({ x: 20, y: 3, k: 1 }, width, 100);
    return pictureOf({ graph, frame, passes, articles: Uint32Array.of(40) });
  };
  assert.deepEqual([picture(170).nodes.length, picture(170).edges.length], [40, 0]);
  assert.deepEqual([picture(200).nodes.length, picture(200).edges.length], [40, 2]);
});

test("nearer come more of the links of what is on the stage, none of them lost", () => {
  often(100, (chance) => {
    const scene = randomScene(chance);
    const { left, top, width, height, k } = scene.frame;
    const nearer = frameOf({ x: left + width / k / 2, y: top + height / k / 2, k: 2 * k }, width, height);
    const [far, near] = [pictureOf(scene), pictureOf({ ...scene, frame: nearer })];
    const here = new Set(near.nodes);
    const { from, to } = scene.graph.edges;
    const still = far.edges.filter((edge) => here.has(from[edge]) || here.has(to[edge]));
    assert.ok(still.every((edge) => near.edges.includes(edge)));
  });
});

test("all edges are ordered by their length", () => {
  often(100, (chance) => {
    const graph = graphOf(randomMade(chance));
    const order = [...byLength(graph)];
    assert.deepEqual([...order].sort((a, b) => a - b), [...graph.edges.from.keys()]);
    const lengths = order.map((edge) => Math.round(lengthOf(graph, edge)));
    assert.deepEqual(lengths, [...lengths].sort((a, b) => a - b));
  });
});

test("the node at a point is the nearest of all that pass, within the slack", () => {
  let hits = 0;
  often(300, (chance) => {
    const { graph, frame, passes } = randomScene(chance);
    const painter = new Painter(graph);
    const slack = chance.whole(0, 20);
    for (let point = 0; point < 20; point += 1) {
      let [px, py] = [chance.part() * frame.width, chance.part() * frame.height];
      if (graph.count && chance.yes()) {
        const node = chance.whole(0, graph.count);
        px = onScreenX(frame, graph.x[node] + chance.whole(-50, 50));
        py = onScreenY(frame, graph.y[node] + chance.whole(-50, 50));
      }
      const beyond = (node: number): number => {
        const [x, y] = [onScreenX(frame, graph.x[node]), onScreenY(frame, graph.y[node])];
        return Math.hypot(x - px, y - py) - graph.radius[node] * frame.k;
      };
      const able = [...Array(graph.count).keys()].filter((node) => passes[node]);
      const least = Math.min(...able.map(beyond));
      const found = painter.nodeAt(frame, passes, px, py, slack);
      // At the very edge of the slack, and between two as near, rounding decides.
      if (Math.abs(least - slack) < 1e-6) continue;
      assert.equal(found >= 0, least < slack, `${least} of ${slack}`);
      if (found < 0) continue;
      assert.equal(passes[found], 1);
      assert.ok(Math.abs(beyond(found) - least) < 1e-6);
      hits += 1;
    }
  });
  assert.ok(hits > 100, String(hits));
});

test("of two nodes in one place, the one on top is hit", () => {
  const graph = graphOf(plain([{ x: 10, y: 10 }, { x: 10, y: 10 }]));
  assert.equal(new Painter(graph).nodeAt(frameOf({ x: 10, y: 10, k: 1 }, 100, 100), Uint8Array.of(1, 1), 50, 50, 0), 1);
});

test("the area at a point is the one whose disc it is in", () => {
  often(200, (chance) => {
    const { graph, frame } = randomScene(chance);
    const [px, py] = [chance.part() * frame.width, chance.part() * frame.height];
    const away = ({ x, y }: Area): number => Math.hypot(onScreenX(frame, x) - px, onScreenY(frame, y) - py);
    const within = graph.areas.map((area) => away(area) <= area.r * frame.k);
    assert.equal(new Painter(graph).areaAt(frame, px, py), within.indexOf(true));
  });
});

test("articles are counted by area where they pass, hubs are not", () => {
  often(100, (chance) => {
    const { graph, passes, articles } = randomScene(chance);
    const expected = graph.areas.map(({ start, end }) => {
      const members = [...Array(graph.count).keys()].slice(start, end);
      return members.filter((node) => passes[node] === 1 && !isHub(graph.sort[node])).length;
    });
    assert.deepEqual([...articles], expected);
  });
});

test("the neighbour towards a side is on that side, and no other is both nearer and straighter", () => {
  const sides = [[-1, 0], [1, 0], [0, -1], [0, 1]] as const;
  often(300, (chance) => {
    const place = (): { x: number; y: number } => ({ x: chance.whole(-40, 40), y: chance.whole(-40, 40) });
    const graph = graphOf(plain(Array.from({ length: chance.whole(1, 12) }, place)));
    const others = [...Array(graph.count).keys()].slice(1);
    for (const [dx, dy] of sides) {
      const ways = others.map((node) => {
        const [x, y] = [graph.x[node] - graph.x[0], graph.y[node] - graph.y[0]];
        return { node, away: Math.hypot(x, y), turned: Math.abs(Math.atan2(x * dy - y * dx, x * dx + y * dy)) };
      });
      const able = ways.filter(({ away, turned }) => away > 0 && turned < Math.PI / 2 - 1e-9);
      const next = neighbourTowards(graph, 0, others, dx, dy);
      if (!able.length) {
        assert.equal(next, -1);
        continue;
      }
      const taken = able.find(({ node }) => node === next);
      assert.ok(taken);
      assert.deepEqual(able.filter(({ away, turned }) => away < taken.away - 1e-9 && turned < taken.turned - 1e-9), []);
    }
  });
});

test("straight ahead is chosen before what is a little nearer to the side, and there the nearest", () => {
  const graph = graphOf(plain([{ x: 0, y: 0 }, { x: 30, y: 0 }, { x: 15, y: 20 }, { x: -5, y: 0 }, { x: 60, y: 0 }]));
  assert.equal(neighbourTowards(graph, 0, [4, 1], 1, 0), 1);
  assert.equal(neighbourTowards(graph, 0, [1, 2, 3], 1, 0), 1);
  assert.equal(neighbourTowards(graph, 0, [1, 2, 3], 0, 1), 2);
  assert.equal(neighbourTowards(graph, 0, [1, 2, 3], -1, 0), 3);
  assert.equal(neighbourTowards(graph, 0, [1, 2, 3], 0, -1), -1);
  assert.equal(neighbourTowards(graph, 0, [], 1, 0), -1);
});
