/** Finds nodes by words in their titles, names and excerpts. */

import { excerptOf } from "./details.ts";

const MARKS = /\p{M}/gu;
const LETTER = /[\p{L}\p{N}]/u;
const BEYOND_ASCII = /[^\x00-\x7f]/;

/** Return a text without case and accents, for comparisons. */
export function folded(text: string): string {
  return (BEYOND_ASCII.test(text) ? text.normalize("NFKD").replace(MARKS, "") : text).toLowerCase();
}

export interface Found {
  /** The best matches, best first. */
  best: number[];
  /** How many match. */
  total: number;
}

const CLASSES = 5; // the name itself, begins with it, a word in it begins with it, has it or all its words, the excerpt has

export class Index {
  private readonly names: string[] = [];
  private readonly rest: string[] = [];

  /** `order` lists the nodes by importance, which breaks ties. */
  constructor(private readonly order: Uint32Array, private readonly titles: string[], private readonly rows: string[]) {}

  get ready(): boolean {
    return this.names.length === this.order.length;
  }

  /** Prepare the texts of some more nodes; preparing all at once would block the page. */
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
    const best: number[][] = Array.from({ length: CLASSES }, () => []);
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
      const fitting = best[inName ? classOf(name, phrase) : CLASSES - 1];
      if (fitting.length < most) fitting.push(this.order[at]);
    }
    return { best: best.flat().slice(0, most), total };
  }
}

function classOf(name: string, phrase: string): number {
  if (name === phrase) return 0;
  if (name.startsWith(phrase)) return 1;
  for (let at = name.indexOf(phrase); at >= 0; at = name.indexOf(phrase, at + 1)) {
    if (!LETTER.test(name.charAt(at - 1))) return 2;
  }
  return 3;
}
