/** Yasr's table, drawn anew: rows of real links and text, sorted by a press on a heading, narrowed by a filter. */

import type { Plugin, Yasr } from "@zazuko/yasr";
import { element } from "./element";
import { drawn, isNumeric, plain, type Names, type Term } from "./terms";

type Row = Record<string, Term | undefined>;

interface Bindings {
  variables: string[];
  rows: Row[];
}

interface Order {
  variable: string;
  down: boolean;
}

const STEP = 200;
const COLLATOR = new Intl.Collator(undefined, { numeric: true });

function bindingsOf(results: NonNullable<Yasr["results"]>): Bindings | undefined {
  const rows = results.getBindings();
  return rows ? { variables: results.getVariables(), rows: rows as unknown as Row[] } : undefined;
}

function compared(one: Term | undefined, other: Term | undefined): number {
  if (!one || !other) return Number(Boolean(one)) - Number(Boolean(other));
  if (isNumeric(one) && isNumeric(other)) return Number(one.value) - Number(other.value);
  return COLLATOR.compare(plain(one), plain(other));
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Make the plugin; `namesFor` gives the prefixes at the time of drawing. */
export function tablePlugin(namesFor: (yasr: Yasr) => Names): new (yasr: Yasr) => Plugin<never> {
  return class Table implements Plugin<never> {
    readonly priority = 10;
    readonly label = "Table";
    private readFrom: Yasr["results"];
    private bindings: Bindings | undefined;
    private order: Order | undefined;
    private filter = "";
    private limit = STEP;

    constructor(private readonly yasr: Yasr) {}

    canHandleResults(): boolean {
      return this.read() !== undefined;
    }

    getIcon(): undefined {
      return undefined;
    }

    download(filename = "results") {
      const { variables, rows } = this.read() ?? { variables: [], rows: [] };
      const lines = [variables, ...rows.map((row) => variables.map((variable) => plain(row[variable])))];
      return {
        getData: () => lines.map((line) => line.map(csvField).join(",") + "\r\n").join(""),
        contentType: "text/csv",
        filename: `${filename}.csv`,
        title: "Download as CSV",
      };
    }

    draw(): void {
      const bindings = this.read();
      if (!bindings) return;
      const filter = element("input", "table-filter");
      filter.type = "search";
      filter.placeholder = "Filter rows";
      filter.setAttribute("aria-label", "Filter rows");
      filter.value = this.filter;
      const body = element("div", "table-body");
      filter.addEventListener("input", () => {
        this.filter = filter.value;
        this.limit = STEP;
        this.fill(body, bindings);
      });
      this.yasr.pluginControls.replaceChildren(...(bindings.rows.length > 5 ? [filter] : []));
      this.yasr.resultsEl.replaceChildren(body);
      this.fill(body, bindings);
    }

    destroy(): void {
      this.yasr.pluginControls.replaceChildren();
    }

    private read(): Bindings | undefined {
      const results = this.yasr.results;
      if (results !== this.readFrom) {
        this.readFrom = results;
        this.order = undefined;
        this.filter = "";
        this.limit = STEP;
        this.bindings = results && !results.hasError() ? bindingsOf(results) : undefined;
      }
      return this.bindings;
    }

    private selected({ variables, rows }: Bindings): Row[] {
      const words = this.filter.toLowerCase().split(/\s+/).filter(Boolean);
      const kept = words.length
        ? rows.filter((row) => {
            const text = variables.map((variable) => plain(row[variable]).toLowerCase()).join("\n");
            return words.every((word) => text.includes(word));
          })
        : rows;
      const order = this.order;
      if (!order) return kept;
      const sign = order.down ? -1 : 1;
      return [...kept].sort((one, other) => sign * compared(one[order.variable], other[order.variable]));
    }

    private fill(body: HTMLElement, bindings: Bindings): void {
      const names = namesFor(this.yasr);
      const rows = this.selected(bindings);
      const table = element("table", "results");
      const scroller = element("div", "table-scroller");
      scroller.tabIndex = 0;
      scroller.setAttribute("role", "region");
      scroller.setAttribute("aria-label", "Result table");
      scroller.append(table);
      const heading = table.createTHead().insertRow();
      for (const variable of bindings.variables) heading.append(this.headingOf(variable, body, bindings));
      const rest = table.createTBody();
      for (const row of rows.slice(0, this.limit)) {
        const line = rest.insertRow();
        for (const variable of bindings.variables) {
          const term = row[variable];
          const cell = line.insertCell();
          if (isNumeric(term)) cell.className = "number";
          if (term) cell.append(drawn(term, names));
        }
      }
      body.replaceChildren(scroller);
      if (!rows.length) body.append(element("p", "no-rows", bindings.rows.length ? "No row matches." : "No rows."));
      if (rows.length > this.limit) {
        const more = element("button", "more", `Show more (${rows.length - this.limit} rows left)`);
        more.type = "button";
        more.addEventListener("click", () => {
          this.limit += STEP * 5;
          this.fill(body, bindings);
        });
        body.append(more);
      }
    }

    private headingOf(variable: string, body: HTMLElement, bindings: Bindings): HTMLElement {
      const cell = element("th");
      cell.scope = "col";
      const sorted = this.order?.variable === variable ? this.order : undefined;
      if (sorted) cell.setAttribute("aria-sort", sorted.down ? "descending" : "ascending");
      const button = element("button", "sort", variable);
      button.type = "button";
      button.title = `Sort by ${variable}`;
      button.addEventListener("click", () => {
        this.order = { variable, down: sorted ? !sorted.down : false };
        this.fill(body, bindings);
        [...body.querySelectorAll<HTMLButtonElement>("button.sort")]
          .find((other) => other.textContent === variable)
          ?.focus();
      });
      cell.append(button);
      return cell;
    }
  };
}
