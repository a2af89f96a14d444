import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { canUnpack, Reader, unpacked, unpackedText } from "../source/bytes.ts";
import { Chance, signed, unsigned } from "./sample_graphs.ts";

const LARGE = [
  0, 1, 127, 128, 16_383, 16_384, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 45 + 7, 2 ** 52,
];

test("unsigned numbers come back, those beyond 32 bits too", () => {
  const chance = new Chance(1);
  const values = [...LARGE, 2 ** 53 - 1, ...Array.from({ length: 2000 }, () => Math.floor(2 ** (chance.part() * 53)))];
  const reader = new Reader(Uint8Array.from(unsigned(values)));
  for (const value of values) assert.equal(reader.unsigned(), value);
});

test("signed numbers come back, and zero has no sign", () => {
  const chance = new Chance(2);
  const values = [...LARGE.flatMap((value) => (value ? [value, -value] : [0])), ...Array.from({ length: 2000 }, () => {
    const value = Math.floor(2 ** (chance.part() * 52));
    return chance.yes() ? value : -value;
  })];
  const reader = new Reader(Uint8Array.from(signed(values)));
  for (const value of values) assert.ok(Object.is(reader.signed(), value), String(value));
});

test("numbers and texts stand one after the other", () => {
  const text = new TextEncoder().encode("Zürich 日本");
  const bytes = [...unsigned([text.length]), ...text, ...signed([-300]), ...unsigned([5])];
  const reader = new Reader(Uint8Array.from(bytes));
  assert.equal(reader.text(reader.unsigned()), "Zürich 日本");
  assert.equal(reader.signed(), -300);
  assert.equal(reader.unsigned(), 5);
});

test("gzip in base64 is unpacked", async () => {
  assert.ok(canUnpack());
  const chance = new Chance(3);
  for (const length of [0, 1, 255, 100_000]) {
    const bytes = Uint8Array.from({ length }, () => chance.whole(0, 256));
    assert.deepEqual(await unpacked(gzipSync(bytes).toString("base64")), bytes);
  }
});

test("text comes back to the letter", async () => {
  for (const text of ["", "a\nb", "Ünï 日本 🙂", "a\ufeffb", "\ufeffa"]) {
    assert.equal(await unpackedText(gzipSync(text).toString("base64")), text);
  }
});

test("what is not gzip is an error, not an empty graph", async () => {
  await assert.rejects(unpacked(Buffer.from("no gzip").toString("base64")));
  await assert.rejects(unpacked(gzipSync("some text that is cut").subarray(0, 25).toString("base64")));
});
