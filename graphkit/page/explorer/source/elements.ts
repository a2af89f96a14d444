/** Makes elements without HTML text: foreign text goes through textContent and attributes that run nothing. */

import { SORTS } from "./graph.ts";

type Attributes = Record<string, string | undefined>;

/** Make an element with this text; undefined attributes are left out. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  { text, ...attributes }: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

/** Return the element with this id, which the template contains. */
export function byId<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  const found = document.getElementById(id);
  if (!found) throw new Error(`expected an element with the id ${id}`);
  return found as Kind;
}

const SVG = "http://www.w3.org/2000/svg";
const OUTLINES: readonly string[] = [
  "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11z",
  "M8 1.5 15 14H1z",
  "M4.5 2h7L15 8l-3.5 6h-7L1 8z",
  "M2 2h12v12H2z",
  "M8 .5 15.5 8 8 15.5.5 8z",
];

/** Make the small shape of a sort of node; screen readers ignore it. */
export function icon(sort: number): SVGSVGElement {
  const made = document.createElementNS(SVG, "svg");
  made.setAttribute("viewBox", "0 0 16 16");
  made.setAttribute("class", `icon ${SORTS[sort]}`);
  made.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", OUTLINES[sort]);
  made.append(path);
  return made;
}

/** Return the URL if it is http or https, else null: nothing else becomes a link. */
export function webAddress(text: string): URL | null {
  try {
    const url = new URL(text);
    return url.protocol === "https:" || url.protocol === "http:" ? url : null;
  } catch {
    return null;
  }
}

/** Make a link to another site, or nothing if the URL is not http or https. */
export function link(address: string, text?: string): HTMLAnchorElement | null {
  const url = webAddress(address);
  if (!url) return null;
  return element("a", {
    href: url.href, rel: "noopener noreferrer", target: "_blank", text: text ?? `${url.host}${url.pathname}${url.search}`,
  });
}

export function button(text: string, onClick: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = element("button", { type: "button", text, ...attributes });
  made.addEventListener("click", onClick);
  return made;
}

/** Isolate a text of any direction from the text next to it. */
export function isolated(text: string): string {
  return text && `\u2068${text}\u2069`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** "1 article", "1,636 articles". */
export function many(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
