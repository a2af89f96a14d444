/** The stage: two stacked canvases, a camera, and the node under the pointer. */

import { select } from "d3-selection";
import { type D3ZoomEvent, type ZoomBehavior, zoom, zoomIdentity } from "d3-zoom";
import { Sheet } from "./canvas.ts";
import { type Colours, readColours } from "./colours.ts";
import { Flight } from "./flight.ts";
import { type Box, type Camera, cameraFor, extentOf, type Frame, frameOf, NEAREST, onScreenX, onScreenY } from "./frame.ts";
import { type Graph, itemsOf, otherEnd } from "./graph.ts";
import { type Label, Placing, placeAreas, placeNodes, type Room, shortened } from "./labels.ts";
import { articlesByArea, Painter, type Picture } from "./picture.ts";
import { Stamps } from "./stamps.ts";

const SLACK = 5; // how far from a node the pointer may be, in pixels
const SLACK_OF_A_FINGER = 14;
const LEGEND = 30; // pixels below the picture for the legend
const MOST_LIT_EDGES = 3_000;

export interface StageEvents {
  select: (node: number) => void;
  open: (node: number) => void;
  clear: () => void;
  moved: (camera: Camera) => void;
}

export class Stage {
  private readonly base: Sheet;
  private readonly over: Sheet;
  private readonly painter: Painter;
  private readonly stamps = new Stamps();
  private readonly flight = new Flight();
  private readonly zoom: ZoomBehavior<HTMLElement, unknown>;
  private colours: Colours = readColours();
  private passes: Uint8Array;
  private articles: Uint32Array;
  private titles: string[] = [];
  private camera: Camera = { x: 0, y: 0, k: 1 };
  private width = 0;
  private height = 0;
  private moving = false;
  private hovered = -1;
  private selected = -1;
  private lit: ReadonlySet<number> | null = null; // nodes highlighted by hovering over the list
  private waiting = false;
  private stale = true;
  private current: Picture | null = null;

  constructor(
    private readonly host: HTMLElement,
    private readonly graph: Graph,
    private readonly events: StageEvents,
  ) {
    const [base, over] = [host.querySelector<HTMLCanvasElement>("#base"), host.querySelector<HTMLCanvasElement>("#over")];
    if (!base || !over) throw new Error("expected two canvases");
    this.base = new Sheet(base);
    this.over = new Sheet(over);
    this.painter = new Painter(graph);
    this.passes = new Uint8Array(graph.count).fill(1);
    this.articles = articlesByArea(graph, this.passes);
    this.measure();
    this.camera = this.overview();
    this.zoom = zoom<HTMLElement, unknown>()
      .filter((event: Event) => !(event instanceof MouseEvent && event.button) && event.type !== "dblclick")
      .scaleExtent([this.camera.k / 4, NEAREST])
      .extent(() => [[0, 0], [this.width, this.height]])
      .constrain((transform) => this.transformOf(this.kept(this.cameraOf(transform))))
      .on("start", ({ sourceEvent }: D3ZoomEvent<HTMLElement, unknown>) => sourceEvent && this.take())
      .on("zoom", ({ transform }: D3ZoomEvent<HTMLElement, unknown>) => this.follow(transform))
      .on("end", () => this.flight.underWay || this.settle());
    const chosen = select(host).call(this.zoom);
    chosen.on("dblclick.zoom", null);
    this.put(this.camera);
    this.listen();
  }

  // --- what is shown ------------------------------------------------------------------------------------------

  show(passes: Uint8Array): void {
    this.passes = passes;
    this.articles = articlesByArea(this.graph, passes);
    if (this.hovered >= 0 && !passes[this.hovered]) this.hovered = -1;
    this.redraw();
  }

  name(titles: string[]): void {
    this.titles = titles;
    this.redraw();
  }

  select(node: number): void {
    this.selected = node;
    this.redraw(false);
  }

  /** Highlight some nodes, as hovering over one does; null for none. */
  light(nodes: ReadonlySet<number> | null): void {
    this.lit = nodes;
    this.redraw(false);
  }

  recolour(): void {
    this.colours = readColours();
    this.redraw();
  }

  get frame(): Frame {
    return frameOf(this.camera, this.width, this.height);
  }

  /** The current picture with all labels, for saving. */
  get drawn(): { picture: Picture; labels: Label[]; colours: Colours; sheets: HTMLCanvasElement[] } {
    const picture = this.painter.picture(this.frame, this.passes, this.articles, false);
    return { picture, labels: this.labels(picture), colours: this.colours, sheets: [this.base.canvas, this.over.canvas] };
  }

  // --- the camera ---------------------------------------------------------------------------------------------

  overview(): Camera {
    const camera = cameraFor(extentOf(this.graph), this.width, this.height - LEGEND);
    return { ...camera, y: camera.y + LEGEND / 2 / camera.k };
  }

  get at(): Camera {
    return this.camera;
  }

  /** Whether the camera shows everything, as it does initially. */
  get home(): boolean {
    const { camera } = this;
    const { x, y, k } = this.overview();
    return Math.abs(camera.x - x) * k < 1 && Math.abs(camera.y - y) * k < 1 && Math.abs(camera.k / k - 1) < 0.01;
  }

  /** Go to a camera, in a flight unless reduced motion is preferred. */
  go(to: Camera, flying = true): void {
    const camera = this.kept(to);
    if (!flying || calm() || document.hidden) {
      this.flight.stop();
      this.put(camera);
      return;
    }
    this.setMoving(true);
    this.flight.start(this.camera, camera, Math.max(this.width, this.height), (at) => this.put(at), () => this.settle());
  }

  /** The camera, or the nearest one that sees something. */
  private kept({ x, y, k }: Camera): Camera {
    const { left, top, right, bottom } = extentOf(this.graph);
    const [farthest, nearest] = this.zoom.scaleExtent();
    return { x: between(x, left, right), y: between(y, top, bottom), k: between(k, farthest, nearest) };
  }

  /** Show a box; with `nearer` false, only if it is not entirely on the stage already. */
  fit(box: Box, nearest = 1.6, flying = true): void {
    this.go(cameraFor(box, this.width, this.height, nearest), flying);
  }

  /** Fly to a node, near enough to read its name. */
  visit(node: number): void {
    const k = Math.max(this.camera.k, Math.min(NEAREST, 14 / this.graph.radius[node]));
    this.go({ x: this.graph.x[node], y: this.graph.y[node], k });
  }

  /** Bring a node onto the stage if it is not there. */
  reveal(node: number): void {
    const { frame } = this;
    const [x, y] = [onScreenX(frame, this.graph.x[node]), onScreenY(frame, this.graph.y[node])];
    const [mx, my] = [this.width / 8, this.height / 8];
    const there = x > mx && y > my && x < this.width - mx && y < this.height - my;
    if (!there || this.graph.radius[node] * frame.k < 4) this.visit(node);
  }

  scale(factor: number): void {
    this.go({ ...this.camera, k: this.camera.k * factor });
  }

  pan(dx: number, dy: number): void {
    const step = 80 / this.camera.k;
    this.go({ ...this.camera, x: this.camera.x + dx * step, y: this.camera.y + dy * step }, false);
  }

  private put(camera: Camera): void {
    select(this.host).call(this.zoom.transform, this.transformOf(camera));
  }

  private transformOf({ x, y, k }: Camera): typeof zoomIdentity {
    return zoomIdentity.translate(this.width / 2 - x * k, this.height / 2 - y * k).scale(k);
  }

  private cameraOf({ x, y, k }: { x: number; y: number; k: number }): Camera {
    return { x: (this.width / 2 - x) / k, y: (this.height / 2 - y) / k, k };
  }

  private follow(transform: { x: number; y: number; k: number }): void {
    this.camera = this.cameraOf(transform);
    this.redraw();
  }

  /** The reader moves the picture: a flight stops. */
  private take(): void {
    this.flight.stop();
    this.setMoving(true);
  }

  private settle(): void {
    this.setMoving(false);
    this.events.moved(this.camera);
  }

  private setMoving(moving: boolean): void {
    this.moving = moving;
    this.redraw();
  }

  private measure(): void {
    const box = this.host.getBoundingClientRect();
    [this.width, this.height] = [Math.max(1, box.width), Math.max(1, box.height)];
  }

  private listen(): void {
    const { host } = this;
    new ResizeObserver(() => {
      const home = this.home;
      this.measure();
      this.put(home ? this.overview() : this.camera);
    }).observe(host);
    const at = (event: MouseEvent, slack: number): number => {
      const box = host.getBoundingClientRect();
      return this.painter.nodeAt(this.frame, this.passes, event.clientX - box.x, event.clientY - box.y, slack);
    };
    const slackOf = (event: Event): number =>
      event instanceof PointerEvent && event.pointerType === "touch" ? SLACK_OF_A_FINGER : SLACK;
    host.addEventListener("pointermove", (event) => {
      if (event.pointerType === "touch" || this.moving) return;
      this.hover(at(event, SLACK));
    });
    host.addEventListener("pointerleave", () => this.hover(-1));
    host.addEventListener("click", (event) => {
      const node = at(event, slackOf(event));
      if (node >= 0) this.events.select(node);
      else this.enter(event);
    });
    host.addEventListener("dblclick", (event) => {
      const node = at(event, SLACK);
      if (node >= 0) this.events.open(node);
    });
  }

  /** A click on an area zooms in, if zoomed out; a click on nothing clears the selection. */
  private enter(event: MouseEvent): void {
    const box = this.host.getBoundingClientRect();
    const index = this.painter.areaAt(this.frame, event.clientX - box.x, event.clientY - box.y);
    const area = this.graph.areas[index];
    if (this.selected < 0 && area && area.r * this.camera.k < Math.min(this.width, this.height) / 5) {
      this.fit({ left: area.x - area.r, top: area.y - area.r, right: area.x + area.r, bottom: area.y + area.r }, NEAREST);
    } else {
      this.events.clear();
    }
  }

  private hover(node: number): void {
    if (node === this.hovered) return;
    this.hovered = node;
    this.host.classList.toggle("over-node", node >= 0);
    this.redraw(false);
  }

  // --- drawing ------------------------------------------------------------------------------------------------

  /** Draw in the next frame: everything, or only the upper canvas. */
  private redraw(all = true): void {
    this.stale ||= all;
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  /** Draw now; `redraw` waits for the browser's next frame. */
  draw(): void {
    const { graph, colours, width, height } = this;
    const ratio = Math.min(3, window.devicePixelRatio || 1);
    const { frame } = this;
    if (this.stale || !this.current) {
      this.stale = false;
      this.current = this.painter.picture(frame, this.passes, this.articles, this.moving);
      this.base.clear(width, height, ratio);
      this.base.areas(graph, this.current, colours);
      const { edges } = this.current;
      this.base.edges(graph, frame, edges, colours, edges.length > 300 ? 0.3 : 0.45, 1);
      this.base.nodes(graph, frame, this.current.nodes, colours, this.stamps);
    }
    this.over.clear(width, height, ratio);
    const focus = this.focus();
    this.host.classList.toggle("dimmed", focus !== null);
    if (focus) this.drawFocus(focus);
    if (this.selected >= 0 && this.passes[this.selected]) this.over.ring(graph, frame, this.selected, colours);
    this.over.labels(this.labels(this.current), colours);
  }

  /** What is highlighted in a dimmed picture: the hovered node, else highlighted ones, else the selected one. */
  private focus(): { nodes: number[]; edges: number[]; centres: number[] } | null {
    const centre = this.hovered >= 0 ? this.hovered : this.lit === null ? this.selected : -1;
    if (centre >= 0 && this.passes[centre]) {
      const edges: number[] = [];
      const nodes = new Set<number>([centre]);
      for (const edge of itemsOf(this.graph.around, centre)) {
        const other = otherEnd(this.graph.edges, edge, centre);
        if (!this.passes[other]) continue;
        nodes.add(other);
        if (edges.length < MOST_LIT_EDGES) edges.push(edge);
      }
      return { nodes: [...nodes], edges, centres: [centre] };
    }
    if (this.lit?.size) {
      const nodes = [...this.lit].filter((node) => this.passes[node]);
      return { nodes, edges: [], centres: nodes.slice(0, 8) };
    }
    return null;
  }

  private drawFocus({ nodes, edges }: { nodes: number[]; edges: number[] }): void {
    const { graph, colours, frame } = this;
    this.over.edges(graph, frame, edges, colours, edges.length > 400 ? 0.35 : 0.85, edges.length > 400 ? 1 : 1.6);
    this.over.nodes(graph, frame, nodes, colours, nodes.length > 4_000 ? this.stamps : null);
  }

  /** The parts of the stage that other elements cover. */
  private covered(): Room[] {
    const { x, y } = this.host.getBoundingClientRect();
    return [...(this.host.parentElement?.querySelectorAll<HTMLElement>(":scope > :not(#canvas, .unseen, [hidden])") ?? [])].map((one) => {
      const box = one.getBoundingClientRect();
      return { left: box.left - x, top: box.top - y, right: box.right - x, bottom: box.bottom - y };
    });
  }

  private labels(picture: Picture): Label[] {
    const { graph, titles } = this;
    const { frame } = picture;
    const placing = new Placing(frame, (text, size, weight) => this.over.measure(text, size, weight, this.colours.family));
    if (!this.moving) for (const room of this.covered()) placing.block(room);
    const focus = this.focus();
    if (focus) {
      const centres = new Set(focus.centres);
      const rest = focus.nodes.filter((node) => !centres.has(node)).sort((a, b) => graph.radius[b] - graph.radius[a] || a - b);
      const named = [...focus.centres, ...rest.slice(0, 200)];
      for (const node of named) placing.blockNode(graph, node);
      for (const node of named) {
        const r = Math.max(2, graph.radius[node] * frame.k);
        const main = centres.has(node);
        // Eight pixels are enough for any letter of the larger font.
        const text = shortened(titles[node] ?? "", main ? Math.min(70, Math.floor((frame.width - 16) / 8)) : 34);
        const [x, y] = [onScreenX(frame, graph.x[node]), onScreenY(frame, graph.y[node])];
        const near = x > -r && y > -r && x < frame.width + r && y < frame.height + r;
        if (text && near) placing.putBy(text, main ? 14 : 11.5, main ? 650 : 450, x, y, r, main && focus.centres.length === 1);
      }
      return placing.labels;
    }
    placeAreas(placing, graph, picture);
    if (!this.moving && titles.length) placeNodes(placing, graph, picture, titles);
    return placing.labels;
  }
}

function between(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

export function calm(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
