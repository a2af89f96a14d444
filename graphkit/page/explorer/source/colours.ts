/** The colours of the page for the canvas, read from the style sheet, which has light and dark ones. */

import { EDGES, SORTS } from "./graph.ts";

const OTHERS = ["paper", "ink", "soft", "mark", "area", "rim"] as const;

export interface Colours {
  /** By sort of node and kind of edge, as CSS. */
  sorts: string[];
  edges: string[];
  /** By sort, red, green and blue, the lowest byte first. */
  bytes: number[];
  paper: string;
  ink: string;
  soft: string;
  mark: string;
  area: string;
  rim: string;
  family: string;
}

/** Read the current colours. */
export function readColours(): Colours {
  const probe = document.createElement("span");
  document.body.append(probe);
  const read = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const sorts = SORTS.map(read);
  const edges = EDGES.map(read);
  const [paper, ink, soft, mark, area, rim] = OTHERS.map(read) as [string, string, string, string, string, string];
  probe.remove();
  return {
    sorts, edges, bytes: sorts.map(bytesOf), paper, ink, soft, mark, area, rim,
    family: getComputedStyle(document.body).fontFamily,
  };
}

function bytesOf(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return red | (green << 8) | (blue << 16);
}
