/** RDF terms as the page shows them. Their text only ever becomes text nodes, and links only http(s) ones. */

import { element } from "./element";

export interface Term {
  type: string;
  value: unknown;
  datatype?: string;
  "xml:lang"?: string;
}

export interface Names {
  prefixes: Record<string, string>;
  base: string;
}

const XSD = "http://www.w3.org/2001/XMLSchema#";
const NUMERIC = new Set(
  [
    "integer", "decimal", "double", "float", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger",
    "nonPositiveInteger", "negativeInteger", "unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte",
  ].map((name) => XSD + name),
);

export function isNumeric(term: Term | undefined): boolean {
  return term?.datatype !== undefined && NUMERIC.has(term.datatype);
}

/** Write a term's value as text; a quoted triple as JSON. */
export function plain(term: Term | undefined): string {
  if (!term) return "";
  if (typeof term.value !== "string") return JSON.stringify(term.value);
  return term.type === "bnode" ? `_:${term.value}` : term.value;
}

/** Shorten an IRI by the longest prefix that fits; an entity without one is named by its local path. */
export function shortened(iri: string, { prefixes, base }: Names): string {
  let best = "";
  let chosen = "";
  for (const [prefix, namespace] of Object.entries(prefixes)) {
    if (namespace.length > best.length && iri.length > namespace.length && iri.startsWith(namespace)) {
      best = namespace;
      chosen = prefix;
    }
  }
  if (best) return `${chosen}:${iri.slice(best.length)}`;
  return entityPath(iri, base) ?? iri;
}

function entityPath(iri: string, base: string): string | undefined {
  return base && iri.length > base.length && iri.startsWith(base) ? `/id/${iri.slice(base.length)}` : undefined;
}

function isWeb(iri: string): boolean {
  try {
    return ["http:", "https:"].includes(new URL(iri).protocol);
  } catch {
    return false;
  }
}

function drawnIri(iri: string, names: Names): HTMLElement {
  const label = shortened(iri, names);
  const path = entityPath(iri, names.base);
  if (path === undefined && !isWeb(iri)) return element("bdi", "iri", label);
  const link = element("a", "iri");
  link.append(element("bdi", "", label));
  link.title = iri;
  link.href = path ?? iri;
  if (path === undefined) {
    link.target = "_blank";
    link.rel = "noopener noreferrer";
  }
  return link;
}

/** Draw a term: an IRI as a link, a literal as its text with its language or an unusual datatype beside it. */
export function drawn(term: Term, names: Names): HTMLElement {
  if (term.type === "uri" && typeof term.value === "string") return drawnIri(term.value, names);
  const made = element("span", "literal");
  made.append(element("bdi", "", plain(term)));
  const language = term["xml:lang"];
  if (language) made.append(" ", element("small", "", `@${language}`));
  const datatype = term.datatype && shortened(term.datatype, { ...names, base: "" });
  if (datatype && term.datatype?.startsWith(XSD)) made.title = datatype; // the text itself tells a date or a number
  else if (datatype) made.append(" ", element("small", "", datatype));
  return made;
}
