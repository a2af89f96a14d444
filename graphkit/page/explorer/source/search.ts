/** Finds nodes by words in their titles, names and excerpts. */

import { excerptOf } from "./details.ts";

const MARKS = /\p{M}/gu;
const BEYOND_ASCII = /[^\x00-\x7f]/;

/** Return a text without letter case and accents, for comparing. */
export function folded(text: string): string {
  return (BEYOND_ASCII.test(text) ? text.normalize("NFKD").replace(MARKS, "") : text).toLowerCase();
}

export interface Found {
  /** The best, best first. */
  best: number[];
  /** How many fit. */
  total: number;
}

const MOST_SCORED = 4_000;

export class Index {
  private readonly names: string[] = [];
  private readonly rest: string[] = [];

  /** `order` gives the nodes by importance: among equals the earlier is better. */
  constructor(private readonly order: Uint32Array, private readonly titles: string[], private readonly rows: string[]) {}

  get ready(): boolean {
    return this.names.length === this.order.length;
  }

  /** Fold the texts of some more nodes; folding all at once would hold up the page. */
  prepare(many: number): void {
    const end = Math.min(this.order.length, this.names.length + many);
    for (let at = this.names.length; at < end; at += 1) {
      const node = this.order[at];
      this.names.push(folded(this.titles[node]));
      this.rest.push(folded(excerptOf(this.rows[node] ?? "")));
    }
  }

  /** Return the nodes that hold every word of `query`: those that begin with it first, excerpts last. */
  find(query: string, most: number): Found {
    this.prepare(this.order.length);
    const words = folded(query).split(/\s+/u).filter(Boolean);
    if (words.length === 0) return { best: [], total: 0 };
    const phrase = words.join(" ");
    const scored: number[] = []; // the score before the place, in one number
    let total = 0;
    for (let at = 0; at < this.names.length; at += 1) {
      const name = this.names[at];
      let inName = true;
      let fits = true;
      for (const word of words) {
        if (name.includes(word)) continue;
        inName = false;
        if (!this.rest[at].includes(word)) {
          fits = false;
          break;
        }
      }
      if (!fits) continue;
      total += 1;
      const score = inName ? scoreOf(name, phrase) : 4;
      if (scored.length < MOST_SCORED || score < 3) scored.push(score * 2 ** 32 + at);
    }
    scored.sort((a, b) => a - b);
    return { best: scored.slice(0, most).map((one) => this.order[one % 2 ** 32]), total };
  }
}

function scoreOf(name: string, phrase: string): number {
  if (name === phrase) return 0;
  if (name.startsWith(phrase)) return 1;
  const at = name.indexOf(phrase);
  if (at < 0) return 3;
  return /[\p{L}\p{N}]/u.test(name.charAt(at - 1)) ? 3 : 2;
}
