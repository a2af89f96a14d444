import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, detailsOf, excerptOf, idOf, wordsOf } from "../source/details.ts";

test("a title's words are those of addresses", () => {
  assert.deepEqual(wordsOf("The Council’s U-turn, 2021"), ["the", "councils", "u", "turn", "2021"]);
  assert.deepEqual(wordsOf("日本 – ÄB"), ["b"]);
  assert.deepEqual(wordsOf(""), []);
  assert.equal(wordsOf("a ".repeat(200)).length, 90);
});

test("a reference gives the words it stands for", () => {
  const words = ["the", "councils", "u", "turn"];
  assert.equal(addressOf("https://example.com/\x01 $.html", words), "https://example.com/the-councils-u-turn.html");
  assert.equal(addressOf("https://example.com/\x01!\"", words), "https://example.com/councils-u");
  assert.equal(addressOf("https://example.com/plain", words), "https://example.com/plain");
  const many = Array.from({ length: 90 }, (_, at) => `w${at}`);
  assert.equal(addressOf("\x01 z", many), many.join("-"));
});

test("all fields of a row are read", () => {
  const row = [
    "article/x", "An excerpt.", "https://e.com/\x01 \"",
    "amphtml\x1dhttps://e.com/\x01 \"/amp\x1eoriginal\x1dhttps://f.com/",
    "a.md\x1eb.json /value/1\x1e\x1ec.md", "Another title", "https://e.com/i.jpg\x1ehttps://e.com/j.jpg",
    "Language\x1den-us\x1eSection\x1dnews",
  ].join("\x1f");
  assert.deepEqual(detailsOf(row, "One title"), {
    id: "article/x",
    excerpt: "An excerpt.",
    url: "https://e.com/one-title",
    variants: [["amphtml", "https://e.com/one-title/amp"], ["original", "https://f.com/"]],
    own: ["a.md", "b.json /value/1"],
    rest: ["c.md"],
    sourcesFollow: true,
    others: ["Another title"],
    images: ["https://e.com/i.jpg", "https://e.com/j.jpg"],
    more: [["Language", "en-us"], ["Section", "news"]],
  });
  assert.equal(idOf(row), "article/x");
  assert.equal(excerptOf(row), "An excerpt.");
});

test("a row may end after any field", () => {
  const nothing = {
    excerpt: "", url: "", variants: [], own: [], rest: [], sourcesFollow: true, others: [], images: [], more: [],
  };
  assert.deepEqual(detailsOf("provider/x", "X"), { id: "provider/x", ...nothing });
  assert.deepEqual(detailsOf("a\x1fb", "X"), { id: "a", ...nothing, excerpt: "b" });
  assert.deepEqual(detailsOf("", ""), { id: "", ...nothing });
  assert.deepEqual([idOf("a"), excerptOf("a"), excerptOf("a\x1fb"), excerptOf("a\x1f\x1fu")], ["a", "", "b", ""]);
});

test("a star says that sources do not follow from links", () => {
  const { own, rest, sourcesFollow } = detailsOf("a\x1f\x1f\x1f\x1f*\x1ea.md\x1e\x1eb.md /related/0", "");
  assert.deepEqual([own, rest, sourcesFollow], [["a.md"], ["b.md /related/0"], false]);
});
