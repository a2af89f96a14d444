import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY } from "../source/times.ts";
import { TimeScale } from "../source/timescale.ts";
import { type Chance, often } from "./sample_graphs.ts";

interface Ends {
  from: number;
  to: number;
  left: number;
  right: number;
}

function randomEnds(chance: Chance): Ends {
  const from = chance.whole(-20_000, 40_000) * DAY;
  const left = chance.whole(0, 50);
  return { from, to: from + Math.ceil(2 ** (chance.part() * 16)) * DAY, left, right: left + chance.whole(20, 2000) };
}

function scaleOf({ from, to, left, right }: Ends): TimeScale {
  return new TimeScale(from, to, left, right);
}

/** What d3-axis asks of a scale besides what its types say. */
interface Ticking {
  ticks: (count: number) => Date[];
  tickFormat: () => (date: Date) => string;
}

/** The ticks of an axis, and what they are called. */
function ticksOf(scale: TimeScale, count: number): { dates: Date[]; texts: string[] } {
  const axis = scale.forAxis() as unknown as Ticking;
  const dates = axis.ticks(count);
  return { dates, texts: dates.map(axis.tickFormat()) };
}

test("the ends of the time lie at the ends of the line, and the middle in the middle", () => {
  const scale = new TimeScale(1000, 3000, 10, 210);
  assert.deepEqual([1000, 2000, 3000].map((minutes) => scale.at(minutes)), [10, 110, 210]);
  assert.deepEqual([10, 110, 210].map((pixel) => scale.invert(pixel)), [1000, 2000, 3000]);
});

test("a place on the line is the time that is placed there", () => {
  often(300, (chance) => {
    const ends = randomEnds(chance);
    const scale = scaleOf(ends);
    const minutes = ends.from + (chance.part() * 3 - 1) * (ends.to - ends.from);
    assert.ok(Math.abs(scale.invert(scale.at(minutes)) - minutes) < 1e-6 * (ends.to - ends.from));
  });
});

test("an axis is told of the same places", () => {
  often(100, (chance) => {
    const ends = randomEnds(chance);
    const [scale, axis] = [scaleOf(ends), scaleOf(ends).forAxis()];
    const minutes = chance.whole(ends.from, ends.to);
    for (const one of [axis, axis.copy()]) {
      assert.equal(one(new Date(minutes * 60_000)), scale.at(minutes));
      assert.deepEqual(one.domain().map(Number), [ends.from * 60_000, ends.to * 60_000]);
      assert.deepEqual(one.range(), [ends.left, ends.right]);
    }
  });
});

test("ticks stand at the beginning of days, in order, within the ends, and no two are called the same", () => {
  often(300, (chance) => {
    const ends = randomEnds(chance);
    const { dates, texts } = ticksOf(scaleOf(ends), chance.whole(2, 12));
    for (const [at, date] of dates.entries()) {
      const minutes = date.getTime() / 60_000;
      assert.equal(minutes, Math.floor(minutes / DAY) * DAY);
      assert.ok(minutes >= ends.from && minutes <= ends.to);
      assert.ok(at === 0 || date > dates[at - 1]);
    }
    assert.equal(new Set(texts).size, texts.length, texts.join());
  });
});

test("a tick says as much as tells it from its neighbours, and none runs over an end", () => {
  const told = (from: string, to: string, count: number): string[] =>
    ticksOf(new TimeScale(Date.parse(from) / 60_000, Date.parse(to) / 60_000, 0, 900), count).texts;
  assert.deepEqual(told("2019-06-01", "2022-03-01", 3), ["2020", "2021", "2022"]);
  assert.deepEqual(told("2020-11-15", "2021-02-15", 3), ["Dec 2020", "Jan 2021", "Feb 2021"]);
  assert.deepEqual(told("2021-08-30", "2021-09-03", 5), ["31 Aug", "Sep 2021", "2 Sep"]);
});
