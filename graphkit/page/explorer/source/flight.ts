/** Moves the camera smoothly, zooming out and in again: the path of van Wijk and Nuij, from d3. */

import { interpolateZoom } from "d3-interpolate";
import type { Camera } from "./frame.ts";

const LONGEST = 900; // milliseconds
const SHORTEST = 250;

export class Flight {
  private frame = 0;

  /** Fly; `step` is called with each camera, `land` after the last. A flight in progress stops. */
  start(from: Camera, to: Camera, size: number, step: (camera: Camera) => void, land: () => void): void {
    this.stop();
    const path = interpolateZoom([from.x, from.y, size / from.k], [to.x, to.y, size / to.k]);
    const lasts = Math.max(SHORTEST, Math.min(LONGEST, path.duration * 0.5));
    const began = performance.now();
    const fly = (): void => {
      const part = Math.min(1, (performance.now() - began) / lasts);
      const eased = part * part * (3 - 2 * part);
      const [x, y, width] = path(eased);
      if (part < 1) this.frame = requestAnimationFrame(fly); // first, so that the flight is in progress at its first step
      step(part < 1 ? { x, y, k: size / width } : to);
      if (part < 1) return;
      this.frame = 0;
      land();
    };
    fly();
  }

  get underWay(): boolean {
    return this.frame !== 0;
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }
}
