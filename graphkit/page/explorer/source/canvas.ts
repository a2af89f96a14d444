/** Draws a picture onto canvases. picture.ts and labels.ts decide what is drawn. */

import type { Colours } from "./colours.ts";
import { type Frame, onScreenX, onScreenY } from "./frame.ts";
import type { Graph } from "./graph.ts";
import type { Label } from "./labels.ts";
import type { Picture } from "./picture.ts";
import { trace } from "./shapes.ts";
import { LARGEST, Stamps } from "./stamps.ts";

const FULL = 2 * Math.PI;
export const PLATE = 0.68; // the opacity of the background of a label
const LEAST = 0.9; // half the width, in pixels of the device, below which nothing is drawn smaller

export class Sheet {
  readonly context: CanvasRenderingContext2D;
  private ratio = 1;

  constructor(readonly canvas: HTMLCanvasElement) {
    const context = canvas.getContext("2d");
    if (!context) throw new Error("expected a canvas with a 2D context");
    this.context = context;
  }

  /** Clear the canvas and set its size in CSS pixels, with `ratio` device pixels for each. */
  clear(width: number, height: number, ratio: number): void {
    const [across, down] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
    this.ratio = ratio;
    if (this.canvas.width !== across || this.canvas.height !== down) {
      this.canvas.width = across;
      this.canvas.height = down;
    }
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    this.context.clearRect(0, 0, across, down);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  areas(graph: Graph, picture: Picture, colours: Colours): void {
    const { context } = this;
    context.fillStyle = colours.area;
    context.strokeStyle = colours.rim;
    context.lineWidth = 1;
    context.beginPath();
    for (const { index } of picture.areas) {
      const { x, y, r } = graph.areas[index];
      const [cx, cy, radius] = [onScreenX(picture.frame, x), onScreenY(picture.frame, y), r * picture.frame.k];
      context.moveTo(cx + radius, cy);
      context.arc(cx, cy, radius, 0, FULL);
    }
    context.fill();
    context.stroke();
  }

  edges(graph: Graph, frame: Frame, edges: Iterable<number>, colours: Colours, alpha: number, width: number): void {
    const { context } = this;
    const { from, to, kind } = graph.edges;
    const byKind: number[][] = colours.edges.map(() => []);
    for (const edge of edges) byKind[kind[edge]].push(edge);
    context.globalAlpha = alpha;
    context.lineWidth = width;
    byKind.forEach((some, of) => {
      if (!some.length) return;
      context.strokeStyle = colours.edges[of];
      context.beginPath();
      for (const edge of some) {
        context.moveTo(onScreenX(frame, graph.x[from[edge]]), onScreenY(frame, graph.y[from[edge]]));
        context.lineTo(onScreenX(frame, graph.x[to[edge]]), onScreenY(frame, graph.y[to[edge]]));
      }
      context.stroke();
    });
    context.globalAlpha = 1;
  }

  /** Draw nodes: small ones as stamps, the rest as paths. */
  nodes(graph: Graph, frame: Frame, nodes: Iterable<number>, colours: Colours, stamps: Stamps | null): void {
    const large: number[][] = colours.sorts.map(() => []);
    const { ratio } = this;
    const device = frame.k * ratio;
    let stamped = false;
    for (const node of nodes) {
      const radius = Math.max(LEAST, graph.radius[node] * device);
      const sort = graph.sort[node];
      if (radius >= LARGEST || !stamps) {
        large[sort].push(node);
        continue;
      }
      if (!stamped) stamps.begin(this.canvas.width, this.canvas.height);
      stamped = true;
      stamps.put(sort, radius, (graph.x[node] - frame.left) * device, (graph.y[node] - frame.top) * device, colours.bytes[sort]);
    }
    const { context } = this;
    if (stamped && stamps) {
      context.setTransform(1, 0, 0, 1, 0, 0);
      stamps.end(context);
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    large.forEach((some, sort) => {
      if (!some.length) return;
      context.beginPath();
      for (const node of some) {
        const radius = Math.max(LEAST / ratio, graph.radius[node] * frame.k);
        trace(context, sort, onScreenX(frame, graph.x[node]), onScreenY(frame, graph.y[node]), radius);
      }
      context.fillStyle = colours.sorts[sort];
      context.fill();
      context.strokeStyle = colours.paper;
      context.lineWidth = frame.k > 0.35 ? 1 : 0.5;
      context.stroke();
    });
  }

  ring(graph: Graph, frame: Frame, node: number, colours: Colours): void {
    const { context } = this;
    const radius = Math.max(3, graph.radius[node] * frame.k);
    context.beginPath();
    context.arc(onScreenX(frame, graph.x[node]), onScreenY(frame, graph.y[node]), radius * 1.3 + 3, 0, FULL);
    context.strokeStyle = colours.mark;
    context.lineWidth = 2.5;
    context.stroke();
  }

  labels(labels: Label[], colours: Colours): void {
    const { context } = this;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.strokeStyle = colours.paper;
    for (const { plate } of labels) {
      if (!plate) continue;
      context.globalAlpha = PLATE;
      context.fillStyle = colours.paper;
      context.beginPath();
      context.roundRect(plate.left, plate.top - 1, plate.right - plate.left, plate.bottom - plate.top + 2, 6);
      context.fill();
      context.globalAlpha = 1;
    }
    for (const { text, x, y, size, weight, soft } of labels) {
      context.font = fontOf(size, weight, colours.family);
      context.lineWidth = 4;
      context.strokeText(text, x, y);
      context.fillStyle = soft ? colours.soft : colours.ink;
      context.fillText(text, x, y);
    }
  }

  private readonly widths = new Map<string, number>();

  /** The width of a text in CSS pixels. */
  measure(text: string, size: number, weight: number, family: string): number {
    const font = fontOf(size, weight, family);
    const key = `${font}/${text}`;
    let width = this.widths.get(key);
    if (width === undefined) {
      if (this.widths.size > 20_000) this.widths.clear();
      this.context.font = font;
      this.widths.set(key, (width = this.context.measureText(text).width));
    }
    return width;
  }
}

function fontOf(size: number, weight: number, family: string): string {
  return `${weight} ${size}px ${family}`;
}
