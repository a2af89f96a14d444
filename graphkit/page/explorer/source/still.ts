/**
 * Stands in for what d3-zoom and d3-brush bring to animate moves and colours: transitions, colours, the interpolation of
 * any values. The page flies by itself (flight.ts); they would be a third of its script. See build.mjs.
 */

import { selection } from "d3-selection";

/** Nothing is ever under way. */
export function interrupt(): void {}

(selection.prototype as unknown as { interrupt: () => unknown }).interrupt = function still(this: unknown): unknown {
  return this;
};

function unused(): never {
  throw new Error("expected that nothing is animated by d3");
}

export { unused as color, unused as cubehelix, unused as hcl, unused as hsl, unused as interpolate, unused as lab, unused as rgb };
