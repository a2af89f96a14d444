import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY, dayFrom, dayText, isoDay, isoMoment, lagText, momentText } from "../source/times.ts";
import { type Chance, often } from "./sample_graphs.ts";

/** Any minute of the years 1 to 9999, which are those that Python's dates know. */
function randomMinutes(chance: Chance): number {
  return chance.whole(Date.parse("0001-01-01T00:00:00Z") / 60_000, Date.parse("9999-12-31T23:59:00Z") / 60_000 + 1);
}

test("a moment is written for people", () => {
  const minutes = Date.UTC(2021, 7, 3, 11, 2) / 60_000;
  assert.equal(dayText(minutes), "3 Aug 2021");
  assert.equal(momentText(minutes), "3 Aug 2021, 11:02 UTC");
  assert.equal(dayText(-1), "31 Dec 1969");
  assert.equal(momentText(0), "1 Jan 1970, 00:00 UTC");
});

test("a moment is written for machines, and read by them", () => {
  often(500, (chance) => {
    const minutes = randomMinutes(chance);
    assert.match(isoMoment(minutes), /^\d{4}-\d\d-\d\dT\d\d:\d\dZ$/);
    assert.equal(Date.parse(isoMoment(minutes)), minutes * 60_000);
    assert.equal(isoDay(minutes), isoMoment(minutes).slice(0, 10));
  });
});

test("a day that was written is read as its first minute", () => {
  often(500, (chance) => {
    const minutes = randomMinutes(chance);
    assert.equal(dayFrom(isoDay(minutes)), Math.floor(minutes / DAY) * DAY);
  });
});

test("what is no day is null", () => {
  const texts = [
    "", "2021", "2021-8-3", "2021-13-01", "2021-00-10", "2021-01-32", "03.08.2021", "2021-08-03T00:00", "12021-08-03",
    "-2021-08-03",
  ];
  for (const text of texts) assert.equal(dayFrom(text), null, text);
});

test("a lag is told in the unit that says most", () => {
  const [hour, day] = [60, DAY];
  const told: [number, string][] = [
    [0, "+0 min"], [1, "+1 min"], [59, "+59 min"],
    [hour, "+1 h"], [2 * hour + 10, "+2 h"], [2 * day - hour, "+47 h"],
    [2 * day, "+2 days"], [59 * day, "+59 days"],
    [61 * day, "+2 months"], [365 * day, "+12 months"],
    [730 * day, "+2 years"], [3653 * day, "+10 years"],
  ];
  for (const [minutes, text] of told) assert.equal(lagText(minutes), text);
});

test("a lag is told to within half of the unit", () => {
  const units: Record<string, number> = { min: 1, h: 60, days: DAY, months: 30.4 * DAY, years: 365.25 * DAY };
  often(500, (chance) => {
    const minutes = Math.floor(2 ** (chance.part() * 24));
    const [, value, unit] = /^\+(\d+) (\w+)$/.exec(lagText(minutes)) ?? [];
    assert.ok(Math.abs(Number(value) * units[unit] - minutes) <= units[unit] / 2 + 1e-6, lagText(minutes));
  });
});
