/** Reads RDF by N3.js, from standard input, and writes what it read as N-Quads of ASCII. Its argument names the syntax. */

import { Parser } from "n3";

/** Escape by characters, as a pair of surrogates is one of them. */
const escaped = (text) =>
  Array.from(text, (character) => {
    const code = character.codePointAt(0);
    if (code >= 0x20 && code <= 0x7e && !'"\\<>'.includes(character)) return character;
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  }).join("");

function written(term) {
  if (term.termType === "NamedNode") return `<${escaped(term.value)}>`;
  if (term.termType === "BlankNode") return `_:${term.value}`;
  if (term.termType === "DefaultGraph") return "";
  const tag = term.language ? `@${term.language}` : `^^<${escaped(term.datatype.value)}>`;
  return `"${escaped(term.value)}"${tag}`;
}

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const quads = new Parser({ format: process.argv[2] }).parse(Buffer.concat(chunks).toString("utf8"));
for (const { subject, predicate, object, graph } of quads)
  process.stdout.write(`${[subject, predicate, object, graph].map(written).join(" ")} .\n`);
