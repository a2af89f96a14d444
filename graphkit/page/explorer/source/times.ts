/** Formats and parses moments, in minutes since 1970, UTC. */

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
export const DAY = 24 * 60;

function dateOf(minutes: number): Date {
  return new Date(minutes * 60_000);
}

function padded(value: number): string {
  return String(value).padStart(2, "0");
}

/** "23 Aug 2021". */
export function dayText(minutes: number): string {
  const date = dateOf(minutes);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

/** "23 Aug 2021, 11:22 UTC". */
export function momentText(minutes: number): string {
  const date = dateOf(minutes);
  return `${dayText(minutes)}, ${padded(date.getUTCHours())}:${padded(date.getUTCMinutes())} UTC`;
}

/** "2021-08-23", for inputs and addresses. */
export function isoDay(minutes: number): string {
  const date = dateOf(minutes);
  return `${String(date.getUTCFullYear()).padStart(4, "0")}-${padded(date.getUTCMonth() + 1)}-${padded(date.getUTCDate())}`;
}

/** "2021-08-23T11:22Z". */
export function isoMoment(minutes: number): string {
  return dateOf(minutes).toISOString().replace(/:\d\d\.\d{3}Z$/, "Z");
}

/** The minutes at which a day begins, null if `text` is not a day. */
export function dayFrom(text: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  const minutes = Date.parse(`${text}T00:00:00Z`) / 60_000;
  return Number.isNaN(minutes) || isoDay(minutes) !== text ? null : minutes; // some browsers accept 30 February
}

/** The lag behind another moment: "+40 min", "+3 h", "+2 days", "+5 months", "+2 years". */
export function lagText(minutes: number): string {
  const count = (value: number, unit: string): string => `+${value} ${unit}${value === 1 ? "" : "s"}`;
  if (minutes < 60) return `+${Math.round(minutes)} min`;
  if (minutes < 2 * DAY) return `+${Math.round(minutes / 60)} h`;
  if (minutes < 60 * DAY) return count(Math.round(minutes / DAY), "day");
  if (minutes < 730 * DAY) return count(Math.round(minutes / DAY / 30.4), "month");
  return count(Math.round(minutes / DAY / 365.25), "year");
}
