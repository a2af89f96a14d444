/** The search box: matches appear while one types; arrow keys move through them, Enter flies to one. */

import { byId, element, icon } from "./elements.ts";
import type { Graph } from "./graph.ts";
import type { Index } from "./search.ts";

const MOST = 12;

export class SearchBox {
  private readonly box = byId<HTMLInputElement>("search");
  private readonly found = byId("found");
  private readonly tally = byId("tally");
  private options: number[] = [];
  private active = -1;

  constructor(
    private readonly graph: Graph,
    private readonly titles: string[],
    private readonly index: Index,
    private readonly choose: (node: number) => void,
    private readonly light: (nodes: ReadonlySet<number> | null) => void,
  ) {
    this.box.disabled = false;
    this.box.addEventListener("input", () => this.search());
    this.box.addEventListener("focus", () => this.search());
    this.box.addEventListener("blur", () => this.close());
    this.box.addEventListener("keydown", (event) => this.key(event));
  }

  focus(): void {
    this.box.focus();
    this.box.select();
  }

  private search(): void {
    const { best, total } = this.index.find(this.box.value, MOST);
    this.options = best;
    this.active = best.length ? 0 : -1;
    const asked = this.box.value.trim() !== "";
    this.found.replaceChildren(
      ...best.map((node, at) => {
        const option = element(
          "li", { role: "option", id: `found-${at}`, "aria-selected": "false" }, icon(this.graph.sort[node]),
          element("span", { text: this.titles[node] ?? "", dir: "auto" }),
        );
        option.addEventListener("pointerdown", (event) => event.preventDefault());
        option.addEventListener("click", () => this.take(node));
        return option;
      }),
    );
    if (asked && !best.length) {
      this.found.append(element("li", { role: "option", "aria-disabled": "true", "aria-selected": "false", text: "Nothing found" }));
    }
    this.found.hidden = !asked;
    this.box.setAttribute("aria-expanded", String(asked));
    this.tally.textContent = asked ? `${total.toLocaleString("en")} found` : "";
    this.light(best.length ? new Set(best) : null);
    this.showActive();
  }

  private showActive(): void {
    [...this.found.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === this.active)));
    if (this.active < 0) this.box.removeAttribute("aria-activedescendant");
    else this.box.setAttribute("aria-activedescendant", `found-${this.active}`);
    this.found.children[this.active]?.scrollIntoView({ block: "nearest" });
  }

  private key(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.options.length) {
      this.active = (this.active + step + this.options.length) % this.options.length;
      this.showActive();
    } else if (event.key === "Enter" && this.options[this.active] !== undefined) {
      this.take(this.options[this.active]!);
    } else if (event.key === "Escape" && this.box.value) {
      this.box.value = "";
      this.search();
    } else if (event.key === "Escape") {
      this.box.blur();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  private take(node: number): void {
    this.close();
    byId("canvas").focus({ preventScroll: true });
    this.choose(node);
  }

  private close(): void {
    this.found.hidden = true;
    this.box.setAttribute("aria-expanded", "false");
    this.box.removeAttribute("aria-activedescendant");
    this.light(null);
  }
}
