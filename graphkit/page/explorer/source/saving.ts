/** Saves what is shown as a picture or a table, to the reader's own disk. */

import { PLATE } from "./canvas.ts";
import type { Colours } from "./colours.ts";
import { csv } from "./csv.ts";
import { detailsOf } from "./details.ts";
import type { Texts } from "./card.ts";
import { element } from "./elements.ts";
import { onScreenX, onScreenY } from "./frame.ts";
import { type Graph, itemsOf, SORTS } from "./graph.ts";
import type { Label } from "./labels.ts";
import type { Picture } from "./picture.ts";
import { outline } from "./shapes.ts";
import { isoMoment } from "./times.ts";

export function save(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  element("a", { href: address, download: name }).click();
  window.setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** The canvases over the background, the lower one fainter if it is dimmed. */
export function png(sheets: HTMLCanvasElement[], colours: Colours): Promise<Blob | null> {
  const [first] = sheets;
  const whole = element("canvas");
  whole.width = first?.width ?? 1;
  whole.height = first?.height ?? 1;
  const context = whole.getContext("2d")!;
  context.fillStyle = colours.paper;
  context.fillRect(0, 0, whole.width, whole.height);
  for (const sheet of sheets) {
    context.globalAlpha = Number(getComputedStyle(sheet).opacity) || 0;
    context.drawImage(sheet, 0, 0);
  }
  return new Promise((done) => whole.toBlob(done, "image/png"));
}

const SVG = "http://www.w3.org/2000/svg";

/** The picture as SVG: what is on the stage, with its names. */
export function svg(graph: Graph, { picture, labels, colours }: { picture: Picture; labels: Label[]; colours: Colours }): Blob {
  const { frame } = picture;
  const number = (value: number): string => String(Math.round(value * 10) / 10);
  const made = (name: string, attributes: Record<string, string>): SVGElement => {
    const one = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value);
    return one;
  };
  const root = made("svg", { viewBox: `0 0 ${number(frame.width)} ${number(frame.height)}`, width: number(frame.width), height: number(frame.height) });
  root.append(made("rect", { width: "100%", height: "100%", fill: colours.paper }));
  for (const { index } of picture.areas) {
    const { x, y, r } = graph.areas[index];
    root.append(made("circle", { cx: number(onScreenX(frame, x)), cy: number(onScreenY(frame, y)), r: number(r * frame.k), fill: colours.area, stroke: colours.rim }));
  }
  const { from, to, kind } = graph.edges;
  colours.edges.forEach((colour, of) => {
    const lines = picture.edges.filter((edge) => kind[edge] === of).map((edge) => {
      const [a, b] = [from[edge], to[edge]];
      return `M${number(onScreenX(frame, graph.x[a]))} ${number(onScreenY(frame, graph.y[a]))}L${number(onScreenX(frame, graph.x[b]))} ${number(onScreenY(frame, graph.y[b]))}`;
    });
    if (lines.length) root.append(made("path", { d: lines.join(""), stroke: colour, "stroke-opacity": "0.4", fill: "none" }));
  });
  colours.sorts.forEach((colour, sort) => {
    const shapes = [...picture.nodes].filter((node) => graph.sort[node] === sort).map((node) =>
      outline(sort, onScreenX(frame, graph.x[node]), onScreenY(frame, graph.y[node]), Math.max(0.9, graph.radius[node] * frame.k)),
    );
    if (shapes.length) root.append(made("path", { d: shapes.join(""), fill: colour, class: SORTS[sort] }));
  });
  for (const { plate } of labels) {
    if (!plate) continue;
    const { left, top, right, bottom } = plate;
    root.append(made("rect", {
      x: number(left), y: number(top), width: number(right - left), height: number(bottom - top), rx: "6",
      fill: colours.paper, "fill-opacity": String(PLATE),
    }));
  }
  for (const { text, x, y, size, weight, soft } of labels) {
    const one = made("text", {
      x: number(x), y: number(y), "font-size": number(size), "font-weight": String(weight), "font-family": colours.family,
      fill: soft ? colours.soft : colours.ink, stroke: colours.paper, "stroke-width": "3", "paint-order": "stroke",
      "text-anchor": "middle", "dominant-baseline": "central",
    });
    one.textContent = text;
    root.append(one);
  }
  return new Blob([new XMLSerializer().serializeToString(root)], { type: "image/svg+xml" });
}

/** The nodes that pass the filters, with their attributes. */
export function table(graph: Graph, texts: Texts, passes: Uint8Array): Blob {
  function* rows(): Generator<string[]> {
    yield ["id", "kind", "title", "provider", "published", "topics", "quality", "heat", "status", "url"];
    const named = (nodes: Uint32Array): string => [...nodes].map((node) => texts.titles[node] ?? "").join("; ");
    const known = (value: number): string => (Number.isNaN(value) ? "" : String(value));
    for (let node = 0; node < graph.count; node += 1) {
      if (!passes[node]) continue;
      const title = texts.titles[node] ?? "";
      const { id, url } = detailsOf(texts.rows[node] ?? "", title);
      yield [
        id, SORTS[graph.sort[node]], title, named(itemsOf(graph.out.publisher, node)),
        Number.isNaN(graph.minutes[node]) ? "" : isoMoment(graph.minutes[node]), named(itemsOf(graph.out.about, node)),
        known(graph.quality[node]), known(graph.heat[node]), graph.statuses[graph.status[node]] ?? "", url,
      ];
    }
  }
  return new Blob([csv(rows())], { type: "text/csv" });
}
