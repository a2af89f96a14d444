/**
 * Replaces the packages with which d3-zoom and d3-brush animate: transitions, colours, the interpolation of any values.
 * They would be a third of the script, and the page has its own animation (flight.ts). See build.mjs.
 */

import { selection } from "d3-selection";

/** There is never a transition to interrupt. */
export function interrupt(): void {}

(selection.prototype as unknown as { interrupt: () => unknown }).interrupt = function still(this: unknown): unknown {
  return this;
};

function unused(): never {
  throw new Error("expected that nothing is animated by d3");
}

export { unused as color, unused as cubehelix, unused as hcl, unused as hsl, unused as interpolate, unused as lab, unused as rgb };
