/** The card of one node: everything known about it, and links to others. */

import { detailsOf, type Details } from "./details.ts";
import { button, capital, element, icon, isolated, link, many } from "./elements.ts";
import { type Graph, isHub, itemsOf, PROVIDER, SORTS, TOPIC } from "./graph.ts";
import { dayText, lagText, momentText } from "./times.ts";

const SHOWN = 12;
const MORE = 100;
const PLACES = 200;
const VARIANTS: Record<string, string> = { amphtml: "AMP page", cachedCopy: "Cached copy", original: "Original address" };
const WHY_AMP = "a copy of the page under another address";

export interface CardEvents {
  go: (node: number) => void;
  close: () => void;
  steps: (steps: number) => void;
  light: (node: number) => void;
}

export interface Texts {
  titles: string[];
  rows: string[];
}

/** Make a button that selects a node; `meta` appears next to its name. */
export function nodeButton(graph: Graph, texts: Texts, node: number, meta: string, events: Pick<CardEvents, "go" | "light">): HTMLButtonElement {
  const made = element(
    "button", { type: "button", class: "go", "data-node": String(node) }, icon(graph.sort[node]),
    element("span", { class: "name", text: texts.titles[node] ?? "", dir: "auto" }),
  );
  if (meta) made.append(element("span", { class: "meta", text: meta }));
  made.addEventListener("click", () => events.go(node));
  made.addEventListener("pointerenter", () => events.light(node));
  made.addEventListener("pointerleave", () => events.light(-1));
  made.addEventListener("focus", () => events.light(node));
  made.addEventListener("blur", () => events.light(-1));
  return made;
}

/** Make a list that shows its first entries, and more on request. */
export function longList<Item>(items: readonly Item[], entry: (item: Item) => Node, shown = SHOWN, ordered = false): Node[] {
  const list = element(ordered ? "ol" : "ul", { class: "list" });
  let count = 0;
  const grow = (by: number): void => {
    list.append(...items.slice(count, count + by).map((item) => element("li", {}, entry(item))));
    count = Math.min(items.length, count + by);
    more.textContent = `Show ${Math.min(MORE, items.length - count).toLocaleString("en")} more of ${items.length.toLocaleString("en")}`;
    more.hidden = count >= items.length;
  };
  const more = button("", () => {
    const first = count;
    grow(MORE);
    list.children[first]?.querySelector("button")?.focus();
  }, { class: "more" });
  grow(shown);
  return [list, more];
}

export class Card {
  private readonly texts: Texts;
  private passes: Uint8Array = new Uint8Array();

  constructor(private readonly graph: Graph, texts: Texts, private readonly events: CardEvents) {
    this.texts = texts;
  }

  /** Return the parts of a node's card while the nodes within `steps` of it are shown. */
  parts(node: number, steps: number, passes: Uint8Array): Node[] {
    const { graph } = this;
    this.passes = passes;
    const title = this.texts.titles[node] ?? "";
    const details = detailsOf(this.texts.rows[node] ?? "", title);
    const sort = graph.sort[node];
    const parts: Node[] = [this.head(sort, node), element("h2", { text: title, dir: "auto", id: "card-title" })];
    if (isHub(sort)) parts.push(...this.ofHub(node, details));
    else parts.push(...this.ofArticle(node, details));
    parts.splice(2, 0, this.around(node, steps));
    parts.push(...this.names(sort, details), ...this.why(node, details));
    return parts;
  }

  private head(sort: number, node: number): HTMLElement {
    const what = SORTS[sort] === "other" ? this.graph.media[this.graph.medium[node]] || "coverage" : SORTS[sort];
    return element(
      "div", { class: "what" }, icon(sort), element("span", { text: what, dir: "auto" }),
      button("Close", this.events.close, { "aria-label": "Close the card", "aria-keyshortcuts": "Escape" }),
    );
  }

  private around(node: number, steps: number): HTMLElement {
    const made = element("div", { class: "steps", role: "group", "aria-label": "How much around it is shown" });
    const names = ["Everything", "1 step", "2 steps", "3 steps"];
    if (this.graph.around.starts[node + 1] === this.graph.around.starts[node]) names.length = 1;
    names.forEach((name, value) => {
      made.append(button(name, () => this.events.steps(value), { "aria-pressed": String(value === steps) }));
    });
    return made;
  }

  private go(node: number, meta = ""): HTMLButtonElement {
    return nodeButton(this.graph, this.texts, node, meta, this.events);
  }

  // --- an article -------------------------------------------------------------------------------------------------

  private ofArticle(node: number, details: Details): Node[] {
    const { graph } = this;
    const parts: Node[] = [];
    const line = element("p", { class: "line" });
    const publishers = [...itemsOf(graph.out.publisher, node)];
    const distributors = [...itemsOf(graph.out.distributor, node)].filter((one) => !publishers.includes(one));
    for (const hub of publishers) line.append(this.go(hub));
    if (distributors.length) line.append(element("span", { text: "through" }), ...distributors.map((hub) => this.go(hub)));
    if (!Number.isNaN(graph.minutes[node])) line.append(element("span", { class: "when", text: momentText(graph.minutes[node]) }));
    if (line.childNodes.length) parts.push(line);
    const original = link(details.url, `Open original at ${hostOf(details.url)}`);
    if (original) {
      original.className = "away";
      parts.push(original);
    }
    if (details.excerpt) parts.push(element("p", { class: "excerpt", text: details.excerpt, dir: "auto" }));
    if (details.images.length) parts.push(imageButton(details.images));
    const topics = [...itemsOf(graph.out.about, node)];
    if (topics.length) parts.push(heading("Topics"), element("div", { class: "topics" }, ...topics.map((topic) => this.go(topic))));
    parts.push(...facts([
      ["Quality", numberText(graph.quality[node])],
      ["Heat", numberText(graph.heat[node])],
      ["Status", capital(graph.statuses[graph.status[node]] ?? "")],
      ...details.more,
    ]));
    parts.push(...this.related(node));
    const variants = details.variants.flatMap(([kind, address]) => {
      const made = link(address);
      return made ? [element("li", {}, element("span", { text: `${VARIANTS[kind] ?? kind}: `, title: WHY_AMP }), made)] : [];
    });
    if (variants.length) parts.push(heading("Other addresses"), element("ul", { class: "plain" }, ...variants));
    return parts;
  }

  /** Related coverage by date, including this article, each with its lag behind the first. */
  private related(node: number): Node[] {
    const { graph } = this;
    const others = new Set([...itemsOf(graph.out.related, node), ...itemsOf(graph.back.related, node)]);
    others.delete(node);
    if (!others.size) return [];
    const when = (one: number): number => (Number.isNaN(graph.minutes[one]) ? Infinity : graph.minutes[one]);
    const all = [...others, node].sort((a, b) => (when(a) === when(b) ? a - b : when(a) - when(b)));
    const first = when(all[0]);
    const lag = (one: number): string => {
      if (when(one) === Infinity) return "no date";
      return when(one) === first ? "first" : lagText(when(one) - first);
    };
    const entry = (one: number): Node => {
      const publisher = itemsOf(graph.out.publisher, one)[0];
      const by = publisher === undefined ? "" : isolated(this.texts.titles[publisher] ?? "");
      if (one !== node) return this.go(one, [lag(one), by].filter(Boolean).join(" · "));
      return element("p", { class: "self" }, icon(graph.sort[node]), element("span", { class: "name", text: "This one" }), element("span", { class: "meta", text: lag(one) }));
    };
    return [heading("Related coverage", others.size), ...longList(all, entry, SHOWN, true)];
  }

  // --- a provider or topic ----------------------------------------------------------------------------------------

  private ofHub(node: number, details: Details): Node[] {
    const { graph } = this;
    const parts: Node[] = [];
    const address = link(details.url, `Open ${hostOf(details.url)}`);
    if (address) {
      address.className = "away";
      parts.push(address);
    }
    parts.push(...facts(details.more));
    const when = (one: number): number => (Number.isNaN(graph.minutes[one]) ? -1e12 : graph.minutes[one]);
    const newest = (nodes: Uint32Array): number[] =>
      [...nodes].sort((a, b) => when(b) - when(a) || a - b);
    const list = (name: string, nodes: Uint32Array): void => {
      if (!nodes.length) return;
      const entry = (one: number): Node => this.go(one, Number.isNaN(graph.minutes[one]) ? "" : dayText(graph.minutes[one]));
      const passing = newest(nodes.filter((one) => this.passes[one]));
      parts.push(heading(name, passing.length, nodes.length), ...longList(passing, entry));
    };
    if (graph.sort[node] === PROVIDER) {
      list("Published", itemsOf(graph.back.publisher, node));
      list("Distributed", itemsOf(graph.back.distributor, node));
    }
    if (graph.sort[node] === TOPIC) {
      list("Broader", itemsOf(graph.out.broader, node));
      list("Narrower", itemsOf(graph.back.broader, node));
      list("Coverage", itemsOf(graph.back.about, node));
    }
    return parts;
  }

  // --- all --------------------------------------------------------------------------------------------------------

  private names(sort: number, { others }: Details): Node[] {
    if (!others.length) return [];
    const items = others.map((text) => element("li", { text, dir: "auto" }));
    return [heading(isHub(sort) ? "Also named" : "Other titles"), element("ul", { class: "plain" }, ...items)];
  }

  /** Why the node is in the graph: the files that mention it. */
  private why(node: number, details: Details): Node[] {
    const { graph, texts } = this;
    const file = (text: string): HTMLElement => element("code", { text });
    const places = [...details.own, ...details.rest];
    const items = places.slice(0, PLACES).map((text) => element("li", {}, file(text)));
    if (places.length > PLACES) items.push(element("li", { class: "quiet", text: `and ${many(places.length - PLACES, "more place")}` }));
    const listing = details.sourcesFollow ? [...itemsOf(graph.back.related, node)] : [];
    for (const one of listing.slice(0, 40)) {
      const theirs = detailsOf(texts.rows[one] ?? "", texts.titles[one] ?? "").own;
      items.push(element("li", {}, "listed by ", this.go(one), ...theirs.slice(0, 3).map(file)));
    }
    if (listing.length > 40) items.push(element("li", { class: "quiet", text: `and ${many(listing.length - 40, "more record")}` }));
    if (!items.length && isHub(graph.sort[node])) return [];
    if (!items.length) return [];
    return [heading("Why it is here"), element("ul", { class: "plain why" }, ...items)];
  }
}

function hostOf(address: string): string {
  try {
    return new URL(address).host;
  } catch {
    return "";
  }
}

function heading(text: string, count = 0, all = count): HTMLElement {
  const of = all > count ? ` of ${all.toLocaleString("en")}` : "";
  return element("h3", { text }, all > 1 ? element("small", { text: ` ${count.toLocaleString("en")}${of}` }) : "");
}

function numberText(value: number): string {
  return Number.isNaN(value) ? "" : value.toLocaleString("en");
}

function facts(rows: (readonly [string, string])[]): Node[] {
  const known = rows.filter(([, value]) => value);
  if (!known.length) return [];
  const list = element("dl");
  for (const [term, value] of known) list.append(element("dt", { text: term }), element("dd", { text: value, dir: "auto" }));
  return [list];
}

/** An image is shown only on request, because loading it makes a network request. */
function imageButton(images: string[]): HTMLElement {
  const place = element("div", { class: "image" });
  const address = images[0] ?? "";
  if (link(address)) {
    place.append(button(`Show the image from ${hostOf(address)}`, () => {
      const image = element("img", { alt: "", referrerpolicy: "no-referrer", decoding: "async" });
      image.addEventListener("error", () => place.replaceChildren(element("p", { class: "quiet", text: "The image could not be loaded." })));
      image.src = address;
      place.replaceChildren(image);
    }));
  }
  return place;
}
