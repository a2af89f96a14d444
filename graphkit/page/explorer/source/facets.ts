/** The filters next to the picture: the values of each facet, with the number of nodes each would leave. */

import { byId, capital, element } from "./elements.ts";
import { type Choices, type Facet, FACETS, type Sifted } from "./filters.ts";
import type { Graph } from "./graph.ts";
import { folded } from "./search.ts";

const SHOWN = 6;
const MOST = 200;
const HEADINGS: Record<Facet, string> = {
  kind: "Kind", provider: "Provider", topic: "Topic", medium: "Medium", status: "Status",
};
const KIND_NAMES = ["Articles", "Providers", "Topics"];

/** The name of a value of a facet. */
export function valueName(graph: Graph, titles: string[], facet: Facet, value: number): string {
  if (facet === "kind") return KIND_NAMES[value] ?? "";
  if (facet === "medium") return capital(graph.media[value] || "unknown");
  if (facet === "status") return capital(graph.statuses[value] || "unknown");
  return titles[value] ?? "";
}

interface Row {
  value: number;
  name: string;
  item: HTMLLIElement;
  box: HTMLInputElement;
  count: HTMLElement;
}

class Group {
  private readonly list = element("ul");
  private readonly rows = new Map<number, Row>();
  private readonly more: HTMLButtonElement;
  private readonly find: HTMLInputElement | null = null;
  private open = false;

  /** `values` come with the largest first. */
  constructor(
    readonly facet: Facet,
    private readonly values: { value: number; name: string }[],
    place: HTMLElement,
    private readonly toggle: (facet: Facet, value: number) => void,
  ) {
    const group = element("fieldset", { id: `facet-${facet}` }, element("legend", { text: HEADINGS[facet] }));
    if (values.length > 12) {
      this.find = element("input", {
        type: "search", placeholder: `Find a ${facet}`, "aria-label": `Find a ${facet}`, autocomplete: "off", spellcheck: "false",
      });
      this.find.addEventListener("input", () => this.arrange());
      group.append(this.find);
    }
    this.more = element("button", { type: "button", class: "more" });
    this.more.addEventListener("click", () => {
      this.open = !this.open;
      this.arrange();
    });
    group.append(this.list, this.more);
    place.append(group);
  }

  private chosen: ReadonlySet<number> = new Set();
  private counts: Map<number, number> = new Map();

  update(chosen: ReadonlySet<number>, counts: Map<number, number>): void {
    this.chosen = chosen;
    this.counts = counts;
    this.arrange();
  }

  private arrange(): void {
    const { counts } = this;
    const wanted = folded(this.find?.value.trim() ?? "");
    const fit = wanted ? this.values.filter(({ name }) => folded(name).includes(wanted)) : this.values;
    const most = this.open || wanted ? MOST : SHOWN;
    const empty = (value: number): boolean => !counts.has(value);
    const shown = [...fit.filter(({ value }) => !empty(value)), ...fit.filter(({ value }) => empty(value))].slice(0, most);
    const extra = this.values.filter(({ value }) => this.chosen.has(value) && !shown.some((one) => one.value === value));
    const rows = [...extra, ...shown].map((one) => this.row(one));
    for (const { value, box, count, item } of rows) {
      const number = this.counts.get(value) ?? 0;
      box.checked = this.chosen.has(value);
      count.textContent = number.toLocaleString("en");
      item.classList.toggle("none", number === 0);
    }
    // Moving an element with the focus removes the focus.
    const items = rows.map(({ item }) => item);
    if (items.length !== this.list.children.length || items.some((item, at) => this.list.children[at] !== item)) {
      const active = document.activeElement;
      this.list.replaceChildren(...items);
      if (active instanceof HTMLElement && this.list.contains(active)) active.focus({ preventScroll: true });
    }
    this.more.hidden = Boolean(wanted) || this.values.length <= SHOWN;
    const rest = Math.min(MOST, this.values.length) - SHOWN;
    const all = this.values.length > MOST ? ` of ${this.values.length.toLocaleString("en")}` : "";
    this.more.textContent = this.open ? "Fewer" : `${rest.toLocaleString("en")} more${all}`;
    this.more.setAttribute("aria-expanded", String(this.open));
    this.more.setAttribute("aria-label", `${this.open ? "Fewer" : "More"}: ${HEADINGS[this.facet].toLowerCase()}`);
  }

  private row({ value, name }: { value: number; name: string }): Row {
    let row = this.rows.get(value);
    if (!row) {
      const box = element("input", { type: "checkbox" });
      const count = element("span", { class: "count" });
      const label = element("label", {}, box, element("span", { class: "name", text: name, dir: "auto" }), count);
      box.addEventListener("change", () => this.toggle(this.facet, value));
      row = { value, name, item: element("li", {}, label), box, count };
      this.rows.set(value, row);
    }
    return row;
  }
}

export class Facets {
  private readonly groups: Group[] = [];

  /** `everything` has the counts when nothing is chosen, which order the values. */
  constructor(graph: Graph, titles: string[], everything: Sifted, toggle: (facet: Facet, value: number) => void) {
    const place = byId("facets");
    place.replaceChildren();
    for (const facet of FACETS) {
      const counts = everything.counts[facet];
      const values = [...counts].sort(([a, many], [b, more]) => (facet === "kind" ? a - b : more - many || a - b));
      if (values.length < 2 && facet !== "kind") continue; // a single value is no choice
      const named = values.slice(0, 5_000).map(([value]) => ({ value, name: valueName(graph, titles, facet, value) }));
      this.groups.push(new Group(facet, named, place, toggle));
    }
  }

  update(choices: Choices, sifted: Sifted): void {
    for (const group of this.groups) group.update(choices[group.facet], sifted.counts[group.facet]);
  }
}

