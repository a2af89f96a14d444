import assert from "node:assert/strict";
import { test } from "node:test";
import { SORTS } from "../source/graph.ts";
import { inside, outline, trace } from "../source/shapes.ts";
import { often } from "./sample_graphs.ts";

type Point = [number, number];
const [ARTICLE, ...CORNERED] = SORTS.map((_, sort) => sort);

/** What was traced: the corners of a closed path, or the circle. */
class Traced {
  readonly points: Point[] = [];
  readonly circles: [number, number, number][] = [];
  closed = 0;

  moveTo(x: number, y: number): void {
    this.points.push([x, y]);
  }

  lineTo(x: number, y: number): void {
    this.points.push([x, y]);
  }

  arc(x: number, y: number, r: number, from: number, to: number): void {
    assert.deepEqual([from, to], [0, 2 * Math.PI]);
    this.circles.push([x, y, r]);
  }

  closePath(): void {
    this.closed += 1;
  }
}

function traced(sort: number, x: number, y: number, r: number): Traced {
  const path = new Traced();
  trace(path as unknown as CanvasPath, sort, x, y, r);
  return path;
}

/** Whether a point is in a polygon, by how often a ray from it crosses the sides. */
function crosses(corners: Point[], x: number, y: number): boolean {
  let odd = false;
  corners.forEach(([ax, ay], at) => {
    const [bx, by] = corners[(at + 1) % corners.length];
    if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) odd = !odd;
  });
  return odd;
}

function assertRounded(read: number[], exact: number[]): void {
  assert.equal(read.length, exact.length);
  read.forEach((value, at) => assert.ok(Math.abs(value - exact[at]) <= 0.05 + 1e-9, `${value} is not ${exact[at]}`));
}

test("each sort has an outline of its own", () => {
  const outlines = SORTS.map((_, sort) => outline(sort, 0, 0, 10));
  assert.equal(new Set(outlines).size, SORTS.length);
  assert.deepEqual(CORNERED.map((sort) => traced(sort, 0, 0, 10).points.length), [3, 6, 4, 4]);
});

test("an article's circle is traced where the node is", () => {
  const { points, circles } = traced(ARTICLE, 5, 7, 3);
  assert.deepEqual([points, circles], [[[8, 7]], [[5, 7, 3]]]);
});

test("the outline in SVG is the one on the canvas, to a tenth of a pixel", () => {
  often(100, (chance) => {
    const [x, y, r] = [chance.part() * 2000 - 500, chance.part() * 2000 - 500, 0.9 + chance.part() * 80];
    for (const sort of CORNERED) {
      const { points, closed } = traced(sort, x, y, r);
      assert.equal(closed, 1);
      const data = outline(sort, x, y, r);
      assert.match(data, /^M[^A-Za-z]+(L[^A-Za-z]+)+z$/);
      const read = data.slice(1, -1).split("L").map((point) => point.split(" ").map(Number));
      assertRounded(read.flat(), points.flat());
    }
    const halves = /^M(\S+) (\S+)a(\S+) (\S+) 0 1 0 (\S+) 0a(\S+) (\S+) 0 1 0 -(\S+) 0z$/;
    const [, ...values] = halves.exec(outline(ARTICLE, x, y, r)) ?? [];
    assertRounded(values.map(Number), [x - r, y, r, r, 2 * r, r, r, 2 * r]);
  });
});

test("a point is inside of a shape where it is inside of its outline", () => {
  often(400, (chance) => {
    const [x, y] = [chance.part() * 3 - 1.5, chance.part() * 3 - 1.5];
    for (const sort of CORNERED) assert.equal(inside(sort, x, y), crosses(traced(sort, 0, 0, 1).points, x, y));
    assert.equal(inside(ARTICLE, x, y), Math.hypot(x, y) <= 1);
  });
});

test("no sort is drawn much larger or smaller than another, nor far beyond the half width", () => {
  const steps = [...Array(300).keys()].map((at) => (at + 0.5) / 100 - 1.5);
  for (const sort of SORTS.keys()) {
    let covered = 0;
    for (const x of steps) for (const y of steps) if (inside(sort, x, y)) covered += 0.01 * 0.01;
    assert.ok(covered > 0.75 * Math.PI && covered < 1.1 * Math.PI, `${SORTS[sort]}: ${covered}`);
    for (const [x, y] of traced(sort, 0, 0, 1).points) assert.ok(Math.max(Math.abs(x), Math.abs(y)) <= 1.25);
  }
});
