/** The list next to the picture: what passes the filters, usable by keyboard and screen reader. */

import { type CardEvents, longList, nodeButton, type Texts } from "./card.ts";
import { button, byId, element, isolated, many } from "./elements.ts";
import type { Sifted } from "./filters.ts";
import { type Graph, isHub, itemsOf } from "./graph.ts";
import { dayText } from "./times.ts";

const SHOWN = 40;
const ORDERS = ["Newest", "Most related"] as const;
type Order = (typeof ORDERS)[number];

export class List {
  private order: Order = "Newest";
  private readonly orders: Record<Order, Uint32Array>;
  private sifted: Sifted | null = null;

  constructor(
    private readonly graph: Graph,
    private readonly texts: Texts,
    private readonly events: Pick<CardEvents, "go" | "light">,
  ) {
    const { minutes, out, back } = graph;
    const related = (node: number): number =>
      out.related.starts[node + 1] - out.related.starts[node] + back.related.starts[node + 1] - back.related.starts[node];
    this.orders = {
      Newest: ranked(graph, (node) => (Number.isNaN(minutes[node]) ? -1e12 : minutes[node])),
      "Most related": ranked(graph, related),
    };
  }

  parts(sifted: Sifted): Node[] {
    this.sifted = sifted;
    const { graph } = this;
    const tabs = element("div", { class: "steps", role: "group", "aria-label": "Order" });
    for (const name of ORDERS) tabs.append(button(name, () => this.reorder(name), { "aria-pressed": String(name === this.order) }));
    const articles = [...this.orders[this.order]].filter((node) => sifted.passes[node]);
    const hubs = articles.length ? [] : [...graph.byImportance].filter((node) => sifted.passes[node] && isHub(graph.sort[node]));
    if (!articles.length && !hubs.length) return [element("p", { class: "quiet", text: "Nothing passes these filters." })];
    const entry = (node: number): Node => nodeButton(graph, this.texts, node, this.meta(node), this.events);
    const heading = element("h2", { class: "unseen", text: "Coverage as a list" });
    return articles.length ? [heading, tabs, ...longList(articles, entry, SHOWN)] : [heading, ...longList(hubs, entry, SHOWN)];
  }

  private reorder(order: Order): void {
    this.order = order;
    if (!this.sifted) return;
    byId("facts").replaceChildren(...this.parts(this.sifted));
    byId("facts").querySelector<HTMLElement>(`.steps [aria-pressed="true"]`)?.focus();
  }

  private meta(node: number): string {
    const { graph } = this;
    if (isHub(graph.sort[node])) return many(graph.around.starts[node + 1] - graph.around.starts[node], "link");
    const publisher = itemsOf(graph.out.publisher, node)[0];
    const related = itemsOf(graph.out.related, node).length + itemsOf(graph.back.related, node).length;
    const known = [
      publisher === undefined ? "" : isolated(this.texts.titles[publisher] ?? ""),
      Number.isNaN(graph.minutes[node]) ? "" : dayText(graph.minutes[node]),
      related ? `${related.toLocaleString("en")} related` : "",
    ];
    return known.filter(Boolean).join(" · ");
  }
}

/** The articles, the largest value first. */
function ranked(graph: Graph, value: (node: number) => number): Uint32Array {
  const articles: number[] = [];
  for (let node = 0; node < graph.count; node += 1) if (!isHub(graph.sort[node])) articles.push(node);
  const values = Float64Array.from({ length: graph.count }, (_, node) => value(node));
  return Uint32Array.from(articles.sort((a, b) => values[b] - values[a] || a - b));
}
