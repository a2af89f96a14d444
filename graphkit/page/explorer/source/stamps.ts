/**
 * Draws small nodes by writing pixels: a hundred thousand take milliseconds, while as many paths take a hundred times as
 * long in a browser without a graphics processor.
 */

import { inside } from "./shapes.ts";

/** The half width, in device pixels, from which nodes are drawn as paths. */
export const LARGEST = 4;
const STEP = 0.5;
const FINE = 4; // sample points per pixel in each direction, for its coverage

interface Stamp {
  /** Pixels from the middle to the left and top. */
  reach: number;
  side: number;
  /** How much of each pixel is covered, 0 to 255. */
  cover: Uint8Array;
}

function stampOf(sort: number, radius: number): Stamp {
  const reach = Math.ceil(radius * 1.25);
  const side = 2 * reach + 1;
  const cover = new Uint8Array(side * side);
  for (let row = 0; row < side; row += 1) {
    for (let column = 0; column < side; column += 1) {
      let hits = 0;
      for (let point = 0; point < FINE * FINE; point += 1) {
        const x = column - reach + ((point % FINE) + 0.5) / FINE - 0.5;
        const y = row - reach + (Math.floor(point / FINE) + 0.5) / FINE - 0.5;
        if (inside(sort, x / radius, y / radius)) hits += 1;
      }
      cover[row * side + column] = Math.round((hits * 255) / (FINE * FINE));
    }
  }
  return { reach, side, cover };
}

export class Stamps {
  private readonly made = new Map<number, Stamp>();
  private image: ImageData | null = null;
  private pixels = new Uint32Array(0);
  private readonly canvas = document.createElement("canvas");

  /** Start with an empty sheet of this size. */
  begin(width: number, height: number): void {
    if (!this.image || this.image.width !== width || this.image.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
      this.image = new ImageData(width, height);
      this.pixels = new Uint32Array(this.image.data.buffer);
    } else {
      this.pixels.fill(0);
    }
  }

  /** Put a node of a colour (red, green and blue, the lowest byte first) at a pixel. */
  put(sort: number, radius: number, x: number, y: number, colour: number): void {
    const size = Math.max(1, Math.round(radius / STEP));
    const key = sort * 16 + size;
    let stamp = this.made.get(key);
    if (!stamp) this.made.set(key, (stamp = stampOf(sort, size * STEP)));
    const { reach, side, cover } = stamp;
    const { width, height } = this.image!;
    const left = Math.round(x) - reach;
    const top = Math.round(y) - reach;
    for (let row = Math.max(0, -top), last = Math.min(side, height - top); row < last; row += 1) {
      let at = (top + row) * width + left + Math.max(0, -left);
      for (let column = Math.max(0, -left), end = Math.min(side, width - left); column < end; column += 1, at += 1) {
        const covered = cover[row * side + column];
        if (covered > this.pixels[at] >>> 24 || covered === 255) this.pixels[at] = ((covered << 24) | colour) >>> 0;
      }
    }
  }

  /** Draw the sheet onto a canvas of the same size. */
  end(context: CanvasRenderingContext2D): void {
    this.canvas.getContext("2d")!.putImageData(this.image!, 0, 0);
    context.drawImage(this.canvas, 0, 0);
  }
}
