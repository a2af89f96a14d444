/** Converts a view to the fragment of the page's URL, and back. */

import { type Choices, type Facet, FACETS, KINDS, NO_CHOICES, type Span } from "./filters.ts";
import type { Camera } from "./frame.ts";
import { DAY, dayFrom, isoDay } from "./times.ts";

export const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

export interface View {
  /** The selected node, or -1. */
  node: number;
  /** How many steps around it are shown; 0 for everything. */
  steps: number;
  choices: Choices;
  span: Span | null;
  /** Null shows everything. */
  camera: Camera | null;
  theme: Theme;
}

export const FIRST_VIEW: View = { node: -1, steps: 0, choices: NO_CHOICES, span: null, camera: null, theme: "auto" };
export const MOST_STEPS = 3;

/** The names of nodes and texts in a URL. */
export interface Names {
  idOf: (node: number) => string;
  nodeOf: (id: string) => number;
  /** The node of that id, if it is a provider or topic; else -1. */
  hubOf: (facet: "provider" | "topic", id: string) => number;
  media: string[];
  statuses: string[];
}

/** Write a view; default values are left out. */
export function addressOfView(view: View, names: Names): string {
  const parts = new URLSearchParams();
  if (view.node >= 0) parts.set("node", names.idOf(view.node));
  if (view.node >= 0 && view.steps > 0) parts.set("steps", String(view.steps));
  for (const facet of FACETS) {
    const texts = [...view.choices[facet]].map((value) => textOf(facet, value, names));
    for (const text of texts.sort()) parts.append(facet, text);
  }
  if (view.span) {
    parts.set("from", isoDay(view.span[0]));
    parts.set("to", isoDay(view.span[1] - 1));
  }
  if (view.camera) parts.set("view", [view.camera.x, view.camera.y, view.camera.k].map(short).join(","));
  if (view.theme !== "auto") parts.set("theme", view.theme);
  return parts.toString().replaceAll("%2F", "/").replaceAll("%2C", ",");
}

/** Read a view; names that do not exist here are ignored. */
export function viewOfAddress(address: string, names: Names): View {
  const parts = new URLSearchParams(address.replace(/^#/, ""));
  const node = parts.has("node") ? names.nodeOf(parts.get("node") ?? "") : -1;
  const steps = node < 0 ? 0 : Math.max(0, Math.min(MOST_STEPS, Math.trunc(Number(parts.get("steps"))) || 0));
  const choices = Object.fromEntries(
    FACETS.map((facet) => {
      const values = parts.getAll(facet).map((text) => valueOf(facet, text, names));
      return [facet, new Set(values.filter((value) => value >= 0))];
    }),
  ) as unknown as Choices;
  const theme = THEMES.find((name) => name === parts.get("theme")) ?? "auto";
  return { node, steps, choices, span: spanOf(parts), camera: cameraOf(parts), theme };
}

function textOf(facet: string, value: number, names: Names): string {
  if (facet === "kind") return KINDS[value] ?? "";
  if (facet === "medium") return names.media[value] ?? "";
  if (facet === "status") return names.statuses[value] ?? "";
  return names.idOf(value);
}

function valueOf(facet: Facet, text: string, names: Names): number {
  if (facet === "kind") return (KINDS as readonly string[]).indexOf(text);
  if (facet === "medium") return names.media.indexOf(text);
  if (facet === "status") return names.statuses.indexOf(text);
  return names.hubOf(facet, text);
}

function spanOf(parts: URLSearchParams): Span | null {
  const [from, to] = [dayFrom(parts.get("from") ?? ""), dayFrom(parts.get("to") ?? "")];
  return from === null || to === null || from > to ? null : [from, to + DAY];
}

function cameraOf(parts: URLSearchParams): Camera | null {
  const [x, y, k, ...more] = (parts.get("view") ?? "").split(",").map((text) => (text.trim() ? Number(text) : NaN));
  if (more.length || x === undefined || y === undefined || k === undefined) return null;
  const sane = [x, y, k].every(Number.isFinite) && k > 0 && k < 100 && Math.abs(x) < 1e8 && Math.abs(y) < 1e8;
  return sane ? { x, y, k } : null;
}

function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}
