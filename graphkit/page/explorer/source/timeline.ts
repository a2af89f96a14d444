/** The timeline below the picture: a histogram to brush over, the same span as two dates, presets, and a player. */

import { axisBottom } from "d3-axis";
import { type BrushBehavior, brushX, type D3BrushEvent } from "d3-brush";
import { select } from "d3-selection";
import { button, byId, element } from "./elements.ts";
import type { Span } from "./filters.ts";
import type { Graph } from "./graph.ts";
import { type Bins, binsFor, countsOf } from "./histogram.ts";
import { TimeScale } from "./timescale.ts";
import { DAY, dayFrom, dayText, isoDay } from "./times.ts";

const HEIGHT = 46;
const AXIS = 20;
const TICK = 160; // milliseconds a step of the player
const PRESETS = [["Last year", 365], ["Last month", 30], ["Last week", 7]] as const;
const YEAR_1000 = dayFrom("1000-01-01")!;
const FAR = 1e10; // minutes: before and after all that a date can be

export class Timeline {
  private readonly bins: Bins | null;
  private readonly place = byId("timeline");
  private readonly from = element("input", { type: "date", "aria-label": "From this day" });
  private readonly to = element("input", { type: "date", "aria-label": "To this day" });
  private readonly play: HTMLButtonElement;
  private readonly svg = select(this.place).append("svg").attr("aria-hidden", "true");
  private readonly all: Uint32Array;
  private scale = new TimeScale(0, 1, 0, 1);
  private brush: BrushBehavior<unknown> | null = null;
  private counts: Uint32Array;
  private span: Span | null = null;
  private timer = 0;
  private width = 0;
  // The input being typed into. document.activeElement does not help: it is the body between two parts of a date.
  private typing: HTMLInputElement | null = null;
  private own = false; // whether the script moves the brush, not the reader

  constructor(
    private readonly graph: Graph,
    private readonly narrow: (span: Span | null, playing: boolean) => void,
  ) {
    this.bins = binsFor(graph);
    this.play = button("Play", () => (this.timer ? this.stop() : this.start()), { "aria-pressed": "false", class: "play" });
    this.all = this.bins ? countsOf(graph, this.bins, new Uint8Array(graph.count).fill(1)) : new Uint32Array();
    this.counts = this.all;
    if (!this.bins) {
      this.place.replaceChildren(element("p", { class: "quiet", text: "No article here has a date." }));
      return;
    }
    const controls = element("div", { class: "controls", role: "group", "aria-label": "Time" });
    controls.append(this.play, this.from, element("span", { text: "to" }), this.to);
    controls.append(button("All", () => this.choose(null)));
    const last = this.bins.start + this.bins.count * this.bins.step;
    const newest = this.newest();
    for (const [name, days] of PRESETS) {
      if (last - this.bins.start > days * DAY) {
        controls.append(button(name, () => this.choose([newest - (days - 1) * DAY, newest + DAY])));
      }
    }
    for (const input of [this.from, this.to]) {
      input.addEventListener("change", () => this.typed());
      input.addEventListener("focus", () => (this.typing = input));
      input.addEventListener("blur", () => {
        this.typing = null;
        this.tellDays();
      });
    }
    this.place.prepend(controls);
    new ResizeObserver(() => this.layOut()).observe(this.place);
  }

  /** Show which articles pass all other filters, and the span. */
  update(span: Span | null, timely: Uint8Array): void {
    if (!this.bins) return;
    this.counts = countsOf(this.graph, this.bins, timely);
    this.span = span;
    this.tellDays();
    this.draw();
  }

  /** Write the span into the two inputs, except the one being typed into. */
  private tellDays(): void {
    const { span, from, to } = this;
    const put = (input: HTMLInputElement, minutes: number): void => {
      if (this.typing !== input) input.value = isoDay(minutes);
    };
    put(from, span ? Math.max(span[0], this.oldest()) : this.oldest());
    put(to, span ? Math.min(span[1] - 1, this.newest() + DAY - 1) : this.newest());
  }

  private oldest(): number {
    return this.day(Math.min);
  }

  private newest(): number {
    return this.day(Math.max);
  }

  private day(best: (a: number, b: number) => number): number {
    let found = NaN;
    for (const minutes of this.graph.minutes) {
      if (!Number.isNaN(minutes)) found = Number.isNaN(found) ? minutes : best(found, minutes);
    }
    return Math.floor(found / DAY) * DAY;
  }

  private choose(span: Span | null): void {
    this.stop();
    this.narrow(span, false);
  }

  private typed(): void {
    const [from, to] = [dayFrom(this.from.value), dayFrom(this.to.value)];
    // While one types, a year is first 2, 20 and 202.
    if (from !== null && to !== null && from >= YEAR_1000 && from <= to) this.choose([from, to + DAY]);
  }

  // --- the player: a window that moves on, a bin at a time ------------------------------------------------------

  private start(): void {
    const { bins } = this;
    if (!bins) return;
    const wide = Math.max(bins.step, this.span ? Math.min(this.span[1], FAR) - Math.max(this.span[0], -FAR) : 0);
    const end = bins.start + bins.count * bins.step;
    const whole = !this.span || this.span[1] >= end;
    const width = wide >= end - bins.start ? Math.max(1, Math.round(bins.count / 12)) * bins.step : wide;
    let at = whole ? bins.start : this.span![0];
    this.play.textContent = "Stop";
    this.play.setAttribute("aria-pressed", "true");
    let playing = false; // the first window is a step in the history
    const step = (): void => {
      const same = this.span?.[0] === at && this.span[1] === at + width;
      this.narrow([at, at + width], playing);
      playing ||= !same;
      at += bins.step;
      if (at + width > end) this.stop();
    };
    this.timer = window.setInterval(step, TICK);
    step();
  }

  stop(): void {
    if (!this.timer) return;
    window.clearInterval(this.timer);
    this.timer = 0;
    this.play.textContent = "Play";
    this.play.setAttribute("aria-pressed", "false");
    if (this.span) this.narrow(this.span, false);
  }

  // --- the drawing ----------------------------------------------------------------------------------------------

  private layOut(): void {
    const { bins } = this;
    const width = Math.floor(this.svg.node()!.getBoundingClientRect().width);
    if (!bins || width < 20 || width === this.width) return;
    this.width = width;
    const end = bins.start + bins.count * bins.step;
    this.scale = new TimeScale(bins.start, end, 8, width - 8);
    this.svg.attr("viewBox", `0 0 ${width} ${HEIGHT + AXIS}`).selectAll("*").remove();
    this.svg.append("path").attr("class", "all");
    this.svg.append("path").attr("class", "some");
    const ticks = Math.max(2, Math.floor(width / 90));
    this.svg.append("g").attr("class", "axis").attr("transform", `translate(0,${HEIGHT})`).call(axisBottom(this.scale.forAxis()).ticks(ticks).tickSizeOuter(0));
    this.brush = brushX<unknown>().extent([[8, 0], [width - 8, HEIGHT]]).on("start", () => !this.own && this.stop()).on("end", (event: D3BrushEvent<unknown>) => this.brushed(event));
    this.svg.append("g").attr("class", "brush").call(this.brush);
    this.draw();
  }

  private brushed({ selection }: D3BrushEvent<unknown>): void {
    const { bins } = this;
    if (this.own || !bins) return;
    if (!selection) {
      this.narrow(null, false);
      return;
    }
    const [left, right] = selection as [number, number];
    const edge = (pixel: number): number => {
      const steps = (this.scale.invert(pixel) - bins.start) / bins.step;
      return Math.max(0, Math.min(bins.count, Math.round(steps)));
    };
    const first = Math.min(edge(left), bins.count - 1);
    const last = Math.max(first + 1, edge(right));
    // The outer bins also show what is beyond them.
    const start = first === 0 && bins.earlier ? this.oldest() : bins.start + first * bins.step;
    const end = last >= bins.count && bins.later ? this.newest() + DAY : bins.start + last * bins.step;
    this.narrow([start, end], false);
  }

  private draw(): void {
    const { bins, brush, scale } = this;
    if (!bins || !brush) return;
    let highest = 1;
    for (const count of this.all) highest = Math.max(highest, count);
    const bars = (counts: Uint32Array): string => {
      let path = "";
      counts.forEach((count, at) => {
        if (!count) return;
        const left = scale.at(bins.start + at * bins.step) + 0.5;
        const right = scale.at(bins.start + (at + 1) * bins.step) - 0.5;
        const top = HEIGHT - Math.max(1.5, (HEIGHT - 4) * Math.sqrt(count / highest)); // so that one article is visible next to many
        path += `M${left.toFixed(1)} ${HEIGHT}V${top.toFixed(1)}H${Math.max(left + 0.5, right).toFixed(1)}V${HEIGHT}z`;
      });
      return path;
    };
    this.svg.select("path.all").attr("d", bars(this.all));
    this.svg.select("path.some").attr("d", bars(this.counts));
    this.own = true;
    const group = this.svg.select<SVGGElement>("g.brush") as unknown as Parameters<BrushBehavior<unknown>["move"]>[0];
    const at = (minutes: number): number => Math.max(8, Math.min(this.width - 8, scale.at(minutes)));
    brush.move(group, this.span ? [at(this.span[0]), Math.max(at(this.span[0]) + 1, at(this.span[1]))] : null);
    this.own = false;
  }
}

/** "23 Aug 2021 – 1 Sep 2021", or one day. */
export function spanText([from, to]: Span): string {
  const [first, last] = [dayText(from), dayText(to - 1)];
  return first === last ? first : `${first} – ${last}`;
}
