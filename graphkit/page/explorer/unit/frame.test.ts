import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Box, type Camera, cameraFor, extentOf, extentOfSome, frameOf, onScreenX, onScreenY,
} from "../source/frame.ts";
import { type Chance, graphOf, often, plain, randomMade } from "./sample_graphs.ts";

function near(left: number, right: number, within = 1e-6): void {
  assert.ok(Math.abs(left - right) <= within * Math.max(1, Math.abs(left), Math.abs(right)), `${left} is not ${right}`);
}

function randomCamera(chance: Chance): Camera {
  return { x: chance.whole(-5000, 5000), y: chance.whole(-5000, 5000), k: 10 ** (chance.part() * 4 - 3) };
}

function randomStage(chance: Chance): [number, number] {
  return [chance.whole(200, 3000), chance.whole(200, 2000)];
}

test("what the camera looks at is in the middle, a unit takes as many pixels as it says, and down is down", () => {
  often(200, (chance) => {
    const camera = randomCamera(chance);
    const [width, height] = randomStage(chance);
    const frame = frameOf(camera, width, height);
    const [dx, dy] = [chance.whole(-900, 900), chance.whole(-900, 900)];
    near(onScreenX(frame, camera.x + dx), width / 2 + dx * camera.k);
    near(onScreenY(frame, camera.y + dy), height / 2 + dy * camera.k);
    near(onScreenX(frame, frame.left), 0);
    near(onScreenY(frame, frame.top), 0);
  });
});

test("the extent of a graph is the box around its areas, and touches them", () => {
  often(100, (chance) => {
    const graph = graphOf(randomMade(chance));
    const { left, top, right, bottom } = extentOf(graph);
    if (!graph.areas.length) {
      assert.deepEqual([left + right, top + bottom, right > left, bottom > top], [0, 0, true, true]);
      return;
    }
    for (const { x, y, r } of graph.areas) {
      assert.ok(x - r >= left && x + r <= right && y - r >= top && y + r <= bottom);
    }
    assert.ok(graph.areas.some(({ x, r }) => x - r === left) && graph.areas.some(({ x, r }) => x + r === right));
    assert.ok(graph.areas.some(({ y, r }) => y - r === top) && graph.areas.some(({ y, r }) => y + r === bottom));
  });
});

test("the extent of some nodes is the box around these alone", () => {
  often(100, (chance) => {
    const made = randomMade(chance);
    const marks = Uint8Array.from(made.nodes, () => Number(chance.yes(0.2)));
    const box = extentOfSome(graphOf(made), marks);
    const some = made.nodes.filter((_, node) => marks[node]);
    const ends = (of: "x" | "y", side: 1 | -1): number[] => some.map((node) => node[of] + side * node.radius);
    const expected = some.length === 0 ? null : {
      left: Math.min(...ends("x", -1)), top: Math.min(...ends("y", -1)),
      right: Math.max(...ends("x", 1)), bottom: Math.max(...ends("y", 1)),
    };
    assert.deepEqual(box, expected);
  });
});

test("a camera for a box shows all of it, in the middle, and as large as there is room for", () => {
  often(300, (chance) => {
    const [left, top] = [chance.whole(-90_000, 90_000), chance.whole(-90_000, 90_000)];
    const box: Box = { left, top, right: left + 2 ** (chance.part() * 17), bottom: top + 2 ** (chance.part() * 17) };
    const [width, height] = randomStage(chance);
    const nearest = chance.yes() ? 1.6 : chance.part() * 4 + 0.01;
    const camera = cameraFor(box, width, height, nearest);
    const frame = frameOf(camera, width, height);
    const x = [box.left, box.right].map((end) => onScreenX(frame, end));
    const y = [box.top, box.bottom].map((end) => onScreenY(frame, end));
    near(x[0] + x[1], width, 1e-5);
    near(y[0] + y[1], height, 1e-5);
    assert.ok(camera.k <= nearest);
    const margins = [x[0], y[0]];
    assert.ok(margins.every((margin) => margin > 0), margins.join());
    // Either it is as near as may be, or one way the room is used up to a margin.
    if (camera.k < nearest) assert.ok(margins.some((margin) => margin <= 40 + 1e-5));
  });
});

test("a box without width, and a stage without room, have a camera too", () => {
  const boxes: Box[] = [{ left: 5, top: 5, right: 5, bottom: 5 }, { left: -1e7, top: -1e7, right: 1e7, bottom: 1e7 }];
  for (const box of boxes) {
    for (const [width, height] of [[0, 0], [1, 1], [360, 0], [360, 640]]) {
      const { x, y, k } = cameraFor(box, width, height);
      assert.deepEqual([x, y], [(box.left + box.right) / 2, (box.top + box.bottom) / 2]);
      assert.ok(k > 0 && k <= 1.6, String(k));
    }
  }
});

test("an empty graph has an extent that can be looked at", () => {
  const { k } = cameraFor(extentOf(graphOf(plain([]))), 800, 600);
  assert.ok(Number.isFinite(k) && k > 0);
});
