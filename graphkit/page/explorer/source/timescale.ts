/** A time scale: minutes since 1970 to pixels, with ticks at round calendar times (d3-time). */

import type { AxisScale } from "d3-axis";
import { utcTicks } from "d3-time";
import { DAY, dayText } from "./times.ts";

const TICK_NAME = 54; // pixels, at most

export class TimeScale {
  constructor(
    private readonly from: number,
    private readonly to: number,
    private readonly left: number,
    private readonly right: number,
  ) {}

  at(minutes: number): number {
    return this.left + ((minutes - this.from) / (this.to - this.from)) * (this.right - this.left);
  }

  /** Whether there is room for a name around a date. */
  private roomAt(date: Date): boolean {
    const x = this.at(date.getTime() / 60_000);
    return x >= this.left + TICK_NAME / 2 - 8 && x <= this.right - TICK_NAME / 2 + 8;
  }

  invert(pixel: number): number {
    return this.from + ((pixel - this.left) / (this.right - this.left)) * (this.to - this.from);
  }

  /** The scale for d3-axis; d3-scale's own would make the script a fifth larger, for its formats. */
  forAxis(): AxisScale<Date> {
    const scale = (date: Date): number => this.at(date.getTime() / 60_000);
    const many = this.to - this.from > 700 * DAY;
    return Object.assign(scale, {
      domain: () => [new Date(this.from * 60_000), new Date(this.to * 60_000)],
      range: () => [this.left, this.right],
      copy: () => this.forAxis(),
      ticks: (count: number) => utcTicks(new Date(this.from * 60_000), new Date(this.to * 60_000), count).filter((date) => date.getTime() % 86_400_000 === 0 && this.roomAt(date)),
      tickFormat: () => (date: Date) => tickText(date, many),
    });
  }
}

/** "2021", "Aug 2021" or "23 Aug": just enough to tell a tick from its neighbours. */
function tickText(date: Date, many: boolean): string {
  const [day, month, year] = dayText(date.getTime() / 60_000).split(" ");
  if (date.getUTCDate() > 1) return `${day} ${month}`;
  return date.getUTCMonth() === 0 && many ? `${year}` : `${month} ${year}`;
}
