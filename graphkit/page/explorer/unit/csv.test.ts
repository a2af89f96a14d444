import assert from "node:assert/strict";
import { test } from "node:test";
import { cell, csv } from "../source/csv.ts";
import { type Chance, often } from "./sample_graphs.ts";

const FORMULAS = ["=1+1", "=HYPERLINK(\"https://example.com\")", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1"];
const PIECES = [
  ...FORMULAS, "a", " ", ",", "\"", "\"\"", "\n", "\r\n", ";", "'", "Zürich", "🙂", "</script>", "\ufeff",
];

/** Read RFC 4180, a character at a time. */
function rowsOf(text: string): string[][] {
  const rows: string[][] = [];
  let [row, read, quoted] = [[] as string[], "", false];
  for (let at = 0; at < text.length; at += 1) {
    if (quoted) {
      if (text[at] !== "\"") read += text[at];
      else if (text[at + 1] === "\"") read += text[(at += 1)];
      else quoted = false;
    } else if (text[at] === "\"" && read === "") {
      quoted = true;
    } else if (text[at] === "," || text.startsWith("\r\n", at)) {
      row.push(read);
      read = "";
      if (text[at] === ",") continue;
      rows.push(row);
      row = [];
      at += 1;
    } else {
      assert.doesNotMatch(text[at], /["\r\n]/, "expected quotes around the cell");
      read += text[at];
    }
  }
  assert.deepEqual([row, read, quoted], [[], "", false], "expected a line end after the last row");
  return rows;
}

function randomText(chance: Chance): string {
  return Array.from({ length: chance.whole(0, 5) }, () => chance.one(PIECES)).join("");
}

test("no cell is taken for a formula", () => {
  for (const text of FORMULAS) {
    const [[read]] = rowsOf(csv([[text]]).slice(1));
    assert.equal(read, `'${text}`);
  }
  for (const text of ["", "-5", "a=1", "1-1", " =1", "me@example.com"]) assert.equal(cell(text), text);
});

test("only what needs quotes has them", () => {
  assert.equal(cell("plain text; 'with' signs"), "plain text; 'with' signs");
  assert.equal(cell("one, two"), "\"one, two\"");
  assert.equal(cell("say \"so\""), "\"say \"\"so\"\"\"");
  assert.equal(cell("one\ntwo"), "\"one\ntwo\"");
});

test("rows begin after the mark by which spreadsheets know UTF-8, and each ends its line", () => {
  assert.equal(csv([]), "\ufeff");
  assert.equal(csv([["a", "b"], ["", ""]]), "\ufeffa,b\r\n,\r\n");
});

test("what a reader of the format gets is what was written, formulas behind an apostrophe", () => {
  often(500, (chance) => {
    const columns = chance.whole(1, 5);
    const row = (): string[] => Array.from({ length: columns }, () => randomText(chance));
    const rows = Array.from({ length: chance.whole(0, 5) }, row);
    const read = rowsOf(csv(rows).slice(1));
    const guarded = (text: string): string => (text && "=+-@\t\r".includes(text[0]) && !/^-\d+$/.test(text) ? `'${text}` : text);
    assert.deepEqual(read, rows.map((cells) => cells.map(guarded)));
  });
});
