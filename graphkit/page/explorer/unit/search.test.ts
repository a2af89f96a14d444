import assert from "node:assert/strict";
import { test } from "node:test";
import { folded, Index } from "../source/search.ts";
import { type Chance, often } from "./sample_graphs.ts";

interface Texts {
  order: Uint32Array;
  titles: string[];
  excerpts: string[];
}

const WORDS = [
  "climate", "Climate", "clim", "AI", "ai", "Rain", "train", "Zürich", "zurich", "Zu", "naïve", "日本", "日", "2021", "21",
  "l’été", "co-op", "🙂",
];

function randomTexts(chance: Chance): Texts {
  const count = chance.whole(0, 60);
  const text = (most: number): string => {
    const words = Array.from({ length: chance.whole(0, most + 1) }, () => chance.one(WORDS));
    return words.join(chance.one([" ", " ", ", ", ""]));
  };
  const order = Uint32Array.from({ length: count }, (_, at) => at);
  for (let at = count - 1; at > 0; at -= 1) {
    const other = chance.whole(0, at + 1);
    [order[at], order[other]] = [order[other], order[at]];
  }
  const [titles, excerpts] = [4, 6].map((most) => Array.from({ length: count }, () => text(most)));
  return { order, titles, excerpts };
}

function randomQuery(chance: Chance): string {
  const words = Array.from({ length: chance.whole(1, 3) }, () => {
    const word = chance.one(WORDS);
    return chance.yes(0.7) ? word : word.slice(0, chance.whole(1, word.length + 1));
  });
  return chance.one(["", " "]) + words.join(chance.one([" ", "  ", "\t"])) + chance.one(["", " "]);
}

function indexOf({ order, titles, excerpts }: Texts): Index {
  const rows = excerpts.map((excerpt, node) => `article/${node}\x1f${excerpt}\x1fhttps://example.com/climate`);
  return new Index(order, titles, rows);
}

function asWords(query: string): string[] {
  return folded(query).trim().split(/\s+/).filter((word) => word !== "");
}

/** All nodes that hold every word in title or excerpt, by importance. */
function fitting({ order, titles, excerpts }: Texts, query: string): number[] {
  const words = asWords(query);
  if (!words.length) return [];
  const holds = (node: number, word: string): boolean =>
    [titles[node], excerpts[node]].some((text) => folded(text).includes(word));
  return [...order].filter((node) => words.every((word) => holds(node, word)));
}

test("letter case, accents and forms of letters make no difference", () => {
  assert.equal(folded("ZÜRICH"), folded("zürich"));
  assert.equal(folded("Zürich"), "zurich");
  assert.equal(folded("Zu\u0308rich"), folded("Zürich"));
  assert.equal(folded("İstanbul"), "istanbul");
  assert.equal(folded("ﬁｒｅ"), "fire");
  assert.equal(folded("plain text, 2021"), "plain text, 2021");
});

test("found are those that hold every word in their title or excerpt, and no others", () => {
  often(800, (chance) => {
    const texts = randomTexts(chance);
    const query = randomQuery(chance);
    const expected = fitting(texts, query);
    const { best, total } = indexOf(texts).find(query, 1000);
    assert.equal(total, expected.length, query);
    assert.deepEqual([...best].sort((a, b) => a - b), expected.sort((a, b) => a - b), query);
  });
});

test("the best come by how they fit: whole title, its beginning, in it, in the excerpt; then by importance", () => {
  often(800, (chance) => {
    const texts = randomTexts(chance);
    const query = randomQuery(chance);
    const words = asWords(query);
    const phrase = words.join(" ");
    const fit = (node: number): number => {
      const title = folded(texts.titles[node]);
      if (title === phrase) return 0;
      if (title.startsWith(phrase)) return 1;
      return words.every((word) => title.includes(word)) ? 2 : 3;
    };
    const { best } = indexOf(texts).find(query, 1000);
    const place = new Map([...texts.order].map((node, at) => [node, at]));
    best.slice(1).forEach((node, at) => {
      const [before, after] = [fit(best[at]), fit(node)];
      assert.ok(before <= after, query);
      // In a title, where a word begins is better than within one: of those, importance does not decide alone.
      if (before === after && after !== 2) assert.ok(place.get(best[at])! < place.get(node)!, query);
    });
  });
});

test("in a title, where a word begins comes before within a word, and words apart come last", () => {
  const titles = ["words fish apart air", "an airfish", "a fish", "fish", "big fish air", "Fish and chips"];
  const texts = { order: Uint32Array.of(0, 1, 2, 3, 4, 5), titles, excerpts: titles.map(() => "") };
  assert.deepEqual(indexOf(texts).find("fish", 9).best, [3, 5, 0, 2, 4, 1]);
  assert.deepEqual(indexOf(texts).find("fish air", 9).best, [4, 0, 1]);
});

test("only as many as asked for come back, the best of all", () => {
  often(200, (chance) => {
    const index = indexOf(randomTexts(chance));
    const query = randomQuery(chance);
    const [all, most] = [index.find(query, 1000), chance.whole(0, 20)];
    assert.deepEqual(index.find(query, most), { best: all.best.slice(0, most), total: all.total });
  });
});

test("nothing is found by nothing", () => {
  const index = indexOf({ order: Uint32Array.of(0), titles: ["a b"], excerpts: ["c"] });
  for (const query of ["", " ", "\t\n", "\u0301"]) assert.deepEqual(index.find(query, 5), { best: [], total: 0 });
});

test("ids and addresses are not searched", () => {
  const index = indexOf({ order: Uint32Array.of(0), titles: ["One"], excerpts: ["Two"] });
  for (const query of ["article", "example.com", "\x1f"]) assert.equal(index.find(query, 5).total, 0, query);
});

test("the index is ready after all its texts were prepared, and finds the same whenever they were", () => {
  often(50, (chance) => {
    const texts = randomTexts(chance);
    const query = randomQuery(chance);
    const index = indexOf(texts);
    for (let prepared = 0; prepared < texts.order.length; prepared += 7) {
      assert.equal(index.ready, false);
      index.prepare(7);
    }
    assert.ok(index.ready);
    assert.deepEqual(index.find(query, 9), indexOf(texts).find(query, 9));
  });
});

test("nodes whose rows are not there are found by their titles", () => {
  assert.deepEqual(new Index(Uint32Array.of(0, 1), ["One", "Two"], []).find("two", 5), { best: [1], total: 1 });
});

test("a title that begins with the words is best among thousands that hold them", () => {
  const count = 10_000;
  const titles = Array.from({ length: count }, (_, node) => (node === count - 1 ? "Rain tomorrow" : `Title ${node}`));
  const texts = { order: Uint32Array.from(titles.keys()), titles, excerpts: titles.map(() => "some rain") };
  assert.deepEqual(indexOf(texts).find("rain", 2), { best: [count - 1, 0], total: count });
});
