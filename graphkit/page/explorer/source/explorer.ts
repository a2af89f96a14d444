/** The explorer: the page shows one `View`, and every action of the reader makes another. */

import { addressOfView, FIRST_VIEW, MOST_STEPS, type Names, THEMES, type View, viewOfAddress } from "./address.ts";
import { Card, type Texts } from "./card.ts";
import { type Chip, showChips } from "./chips.ts";
import { idOf } from "./details.ts";
import { byId, many } from "./elements.ts";
import { Facets, valueName } from "./facets.ts";
import { type Facet, FACETS, isNarrowed, type Sifted, sift } from "./filters.ts";
import { extentOfSome } from "./frame.ts";
import { type Graph, isHub, itemsOf, otherEnd, PROVIDER, TOPIC } from "./graph.ts";
import { Hints } from "./hints.ts";
import { listenToKeys } from "./keys.ts";
import { List } from "./list.ts";
import { neighbourTowards } from "./picture.ts";
import { png, save, svg, table } from "./saving.ts";
import { Index } from "./search.ts";
import { SearchBox } from "./searchbox.ts";
import type { Stage } from "./stage.ts";
import { spanText, Timeline } from "./timeline.ts";
import { Trail } from "./trail.ts";

const ADDRESS_RESTS = 300; // milliseconds for which the camera rests before the URL is updated
const TOLD = 4_000; // milliseconds for which a message is shown
const THEME_NAMES = { auto: "Theme: automatic", light: "Theme: light", dark: "Theme: dark" } as const;

/** Give a name to unnamed values, one that no other value has. */
function addressable(names: string[]): string[] {
  return names.map((name) => name || (names.includes("unknown") ? "" : "unknown"));
}

export class Explorer {
  private view: View = FIRST_VIEW;
  private sifted: Sifted;
  private sifting = "";
  private readonly articles: number; // of all
  private readonly names: Names;
  private readonly facets: Facets;
  private readonly timeline: Timeline;
  private readonly card: Card;
  private readonly list: List;
  private readonly trail: Trail;
  private readonly box: SearchBox;
  private readonly index: Index;
  private readonly hints: Hints;
  private addressTimer = 0;
  private toldTimer = 0;
  private shownPanel = "";

  constructor(private readonly graph: Graph, private readonly texts: Texts, private readonly stage: Stage) {
    const nodeOf = new Map<string, number>();
    const ids = texts.rows.map(idOf);
    ids.forEach((id, node) => nodeOf.set(id, node));
    this.names = {
      idOf: (node) => ids[node] ?? "",
      nodeOf: (id) => nodeOf.get(id) ?? -1,
      hubOf: (facet, id) => {
        const node = nodeOf.get(id) ?? -1;
        return graph.sort[node] === (facet === "provider" ? PROVIDER : TOPIC) ? node : -1;
      },
      media: addressable(graph.media),
      statuses: addressable(graph.statuses),
    };
    this.sifted = sift(graph, { choices: FIRST_VIEW.choices, span: null, around: -1, steps: 0 });
    this.articles = this.sifted.articles;
    this.facets = new Facets(graph, texts.titles, this.sifted, (facet, value) => this.toggle(facet, value));
    this.timeline = new Timeline(graph, (span, playing) => this.show({ span }, playing ? "replace" : "push"));
    const events = {
      go: (node: number) => this.go(node),
      close: () => this.show({ node: -1, steps: 0 }),
      steps: (steps: number) => this.steps(steps),
      light: (node: number) => this.stage.light(node < 0 ? null : new Set([node])),
    };
    this.hints = new Hints(() => stage.light(null)); // names may stand where they stood
    this.card = new Card(graph, texts, events);
    this.list = new List(graph, texts, events);
    this.index = new Index(graph.byImportance, texts.titles, texts.rows);
    this.box = new SearchBox(graph, texts.titles, this.index, (node) => this.find(node), (nodes) => stage.light(nodes));
    this.trail = new Trail((address) => this.apply(viewOfAddress(address, this.names), true));
    this.listen();
    this.apply(viewOfAddress(this.trail.read(), this.names), true, true);
    this.prepareIndex();
  }

  // --- what is shown ------------------------------------------------------------------------------------------

  /** Show another view; by default as a step in the history. */
  private show(change: Partial<View>, step: "push" | "replace" = "push"): void {
    const view = { ...this.view, ...change };
    const address = addressOfView(view, this.names);
    if (address === addressOfView(this.view, this.names)) return;
    if (step === "push") {
      window.clearTimeout(this.addressTimer);
      this.trail.replace(addressOfView(this.view, this.names)); // the camera may have moved just now
      this.trail.push(address);
    } else {
      this.restAddress();
    }
    this.apply(view, false);
  }

  /** Update the page to a view; with `travel`, move to its camera too. */
  private apply(view: View, travel: boolean, first = false): void {
    const before = this.view;
    this.view = view;
    const { graph, stage } = this;
    if (document.documentElement.dataset.theme !== view.theme || first) this.dress();
    const narrowing = { choices: view.choices, span: view.span, around: view.node, steps: view.steps };
    const key = `${view.steps ? view.node : ""}/${view.steps}/${view.span ?? ""}/${FACETS.map((facet) => [...view.choices[facet]]).join("/")}`;
    if (key !== this.sifting || first) {
      this.sifting = key;
      this.sifted = sift(graph, narrowing);
      stage.show(this.sifted.passes);
      this.facets.update(view.choices, this.sifted);
      this.timeline.update(view.span, this.sifted.timely);
      byId("blank").hidden = this.sifted.passes.includes(1);
      this.tell();
    }
    stage.select(view.node);
    if (travel) {
      if (view.camera) stage.go(view.camera, !first);
      else if (view.steps) this.fitShown();
      else if (before.camera || first) stage.go(stage.overview(), !first);
    }
    this.panel();
  }

  private dress(): void {
    document.documentElement.dataset.theme = this.view.theme;
    byId("theme").textContent = THEME_NAMES[this.view.theme];
    this.stage.recolour();
  }

  private go(node: number): void {
    this.show({ node, steps: 0 });
    this.stage.light(null);
    this.stage.reveal(node);
    this.hints.done("read");
  }

  private find(node: number): void {
    if (this.sifted.passes[node]) {
      this.show({ node, steps: 0 });
    } else {
      this.show({ ...FIRST_VIEW, theme: this.view.theme, camera: this.view.camera, node });
      this.announce("The filters are removed: they hid what was found.");
    }
    this.stage.visit(node);
    this.hints.done("find");
  }

  private steps(steps: number): void {
    this.show({ steps });
    if (steps > 0) this.fitShown();
    else this.stage.reveal(this.view.node);
  }

  private fitShown(): void {
    const box = extentOfSome(this.graph, this.sifted.passes);
    if (box) this.stage.fit(box);
  }

  private toggle(facet: Facet, value: number): void {
    const chosen = new Set(this.view.choices[facet]);
    if (!chosen.delete(value)) chosen.add(value);
    this.show({ choices: { ...this.view.choices, [facet]: chosen } });
  }

  /** Say what passes the filters, above the list and as chips over the picture. */
  private tell(): void {
    const { graph, sifted, view } = this;
    const narrowed = isNarrowed({ ...view, around: view.node });
    const parts = [
      narrowed ? `${sifted.articles.toLocaleString("en")} of ${many(this.articles, "article")}` : many(this.articles, "article"),
      many(sifted.providers, "provider"), many(sifted.topics, "topic"),
    ];
    byId("shown").textContent = `Showing ${parts.join(", ")}`;
    const chips: Chip[] = FACETS.flatMap((facet) =>
      [...view.choices[facet]].map((value) => ({
        text: valueName(graph, this.texts.titles, facet, value), remove: () => this.toggle(facet, value),
      })),
    );
    if (view.span) chips.push({ text: spanText(view.span), remove: () => this.show({ span: null }) });
    if (view.steps) chips.push({ text: `Within ${many(view.steps, "step")}`, remove: () => this.steps(0) });
    showChips(chips, () => this.show({ choices: FIRST_VIEW.choices, span: null, steps: 0 }));
  }

  private panel(): void {
    const { node, steps } = this.view;
    const about = node < 0 ? "list" : `${node}/${steps}`;
    // The card of an article does not depend on the filters; the lists of a hub do.
    const key = node >= 0 && !isHub(this.graph.sort[node]) ? about : `${about}/${this.sifting}`;
    if (key === this.shownPanel) return;
    const another = !this.shownPanel.startsWith(about);
    this.shownPanel = key;
    const place = byId("facts");
    const inside = place.contains(document.activeElement);
    place.replaceChildren(...(node >= 0 ? this.card.parts(node, steps, this.sifted.passes) : this.list.parts(this.sifted)));
    if (another) byId("panel").scrollTop = 0;
    if (inside) byId("panel").focus({ preventScroll: true });
    byId("panel").setAttribute("aria-label", node >= 0 ? "What is selected" : "Coverage");
    document.body.classList.toggle("with-card", node >= 0);
    if (node >= 0 && document.body.dataset.tab) this.tab("read");
  }

  private tab(name: string): void {
    document.body.dataset.tab = name;
    for (const one of document.querySelectorAll<HTMLButtonElement>("#tabs button")) {
      one.setAttribute("aria-pressed", String(one.dataset.tab === name));
    }
  }

  /** Write the camera's position into the URL once it rests. */
  restAddress(): void {
    window.clearTimeout(this.addressTimer);
    this.addressTimer = window.setTimeout(() => this.trail.replace(addressOfView(this.view, this.names)), ADDRESS_RESTS);
  }

  // --- what the reader does -------------------------------------------------------------------------------------

  /** The camera has come to rest in another position. */
  moved(): void {
    const { at, home } = this.stage;
    if (home && this.view.camera === null) return;
    this.view = { ...this.view, camera: home ? null : at };
    if (at.k / this.stage.overview().k > 1.2) this.hints.done("near");
    this.restAddress();
  }

  pick(node: number): void {
    this.show({ node, steps: this.view.steps && this.sifted.passes[node] ? this.view.steps : 0 });
    this.hints.done("read");
  }

  /** A double click shows what is around a node. */
  open(node: number): void {
    this.show({ node, steps: 1 });
    this.fitShown();
  }

  clear(): void {
    if (this.view.node >= 0 && !this.view.steps) this.show({ node: -1 });
  }

  private back(): void {
    if (this.trail.any) this.trail.back();
    else if (!this.view.steps) this.show({ node: -1 }, "replace");
    else {
      this.show({ steps: 0 }, "replace"); // a step on would lead back to here
      this.stage.reveal(this.view.node);
    }
  }

  private walk(dx: number, dy: number): void {
    const { graph, sifted, view, stage } = this;
    if (view.node < 0) {
      stage.pan(dx, dy);
      return;
    }
    const others = [...itemsOf(graph.around, view.node)].map((edge) => otherEnd(graph.edges, edge, view.node)).filter((node) => sifted.passes[node]);
    const next = neighbourTowards(graph, view.node, others, dx, dy);
    if (next < 0) return;
    this.show({ node: next, steps: 0 }, "replace");
    stage.reveal(next);
  }

  private enter(): void {
    const { graph, sifted, view, stage } = this;
    if (view.node >= 0) {
      this.steps(view.steps >= MOST_STEPS ? 0 : view.steps + 1);
      return;
    }
    const { frame } = stage;
    const [right, bottom] = [frame.left + frame.width / frame.k, frame.top + frame.height / frame.k];
    const here = graph.byImportance.find((node) => {
      const [x, y] = [graph.x[node], graph.y[node]];
      return sifted.passes[node] === 1 && x > frame.left && x < right && y > frame.top && y < bottom;
    });
    if (here !== undefined) this.go(here);
  }

  private listen(): void {
    const { stage } = this;
    const help = byId<HTMLDialogElement>("help");
    listenToKeys({
      search: () => {
        this.box.focus();
        this.hints.done("find");
      },
      help: () => help.showModal(),
      back: () => this.back(),
      zoom: (factor) => stage.scale(factor),
      overview: () => stage.go(stage.overview()),
      arrow: (dx, dy) => this.walk(dx, dy),
      enter: () => this.enter(),
    });
    const on = (id: string, action: () => void): void => byId(id).addEventListener("click", action);
    on("zoom-in", () => stage.scale(1.5));
    on("zoom-out", () => stage.scale(1 / 1.5));
    on("zoom-all", () => stage.go(stage.overview()));
    on("show-help", () => help.showModal());
    on("close-help", () => help.close());
    on("theme", () => this.show({ theme: THEMES[(THEMES.indexOf(this.view.theme) + 1) % THEMES.length]! }, "replace"));
    on("save-png", () => void this.savePng());
    on("save-svg", () => save(svg(this.graph, stage.drawn), "coverage.svg"));
    on("save-csv", () => save(table(this.graph, this.texts, this.sifted.passes), "coverage.csv"));
    on("copy-link", () => void this.copyLink());
    byId("copy-link").parentElement!.hidden = !this.trail.shareable;
    for (const one of document.querySelectorAll<HTMLElement>("#save button")) {
      one.addEventListener("click", () => (byId<HTMLDetailsElement>("save").open = false));
    }
    for (const one of document.querySelectorAll<HTMLButtonElement>("#tabs button")) {
      one.addEventListener("click", () => this.tab(one.dataset.tab ?? "read"));
    }
    this.tab("read");
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => stage.recolour());
  }

  private async savePng(): Promise<void> {
    const { sheets, colours } = this.stage.drawn;
    const blob = await png(sheets, colours);
    if (blob) save(blob, "coverage.png");
  }

  private async copyLink(): Promise<void> {
    this.trail.replace(addressOfView(this.view, this.names));
    let told = "The address is copied.";
    try {
      await navigator.clipboard.writeText(window.location.href);
    } catch {
      told = "The address in the browser's own bar leads here.";
    }
    this.announce(told);
  }

  /** Show a message for a few seconds. */
  private announce(text: string): void {
    byId("told").textContent = text;
    window.clearTimeout(this.toldTimer);
    this.toldTimer = window.setTimeout(() => (byId("told").textContent = ""), TOLD);
  }

  /** Prepare the texts for the search, some at a time, so that the first search need not wait. */
  private prepareIndex(): void {
    const step = (): void => {
      this.index.prepare(4_000);
      if (!this.index.ready) window.setTimeout(step, 30);
    };
    window.setTimeout(step, 200);
  }
}
