/** The details of a node: one row of the block `details`, see graphkit/page/explorer/details_block.py. */

const FIELD = "\x1f";
const PART = "\x1e";
const HALF = "\x1d";

export interface Details {
  id: string;
  excerpt: string;
  url: string;
  /** Pairs of a kind (amphtml, cachedCopy, original) and a URL. */
  variants: [string, string][];
  /** The records about it, and those of the others that mention it which cannot be derived from links. */
  own: string[];
  rest: string[];
  /** Whether the records that list it are sources too. */
  sourcesFollow: boolean;
  /** Other titles or names. */
  others: string[];
  images: string[];
  /** Pairs of a label and a text. */
  more: [string, string][];
}

/** Return the words of a title as URLs write them, as url_compression.py does. */
export function wordsOf(title: string): string[] {
  return (title.toLowerCase().replace(/['’]/g, "").match(/[a-z0-9]+/g) ?? []).slice(0, 90);
}

/** Replace references in a URL by the title's words. */
export function addressOf(packed: string, words: string[]): string {
  return packed.replace(/\x01(.)(.)/gu, (_, start: string, many: string) => {
    const first = start.charCodeAt(0) - 32;
    return words.slice(first, first + many.charCodeAt(0) - 32).join("-");
  });
}

function parts(field: string | undefined): string[] {
  return field ? field.split(PART) : [];
}

function pairs(field: string | undefined): [string, string][] {
  return parts(field).map((part) => {
    const [first = "", second = ""] = part.split(HALF);
    return [first, second];
  });
}

export function detailsOf(row: string, title: string): Details {
  const [id = "", excerpt = "", url = "", variants, sources, others, images, more] = row.split(FIELD);
  const words = wordsOf(title);
  const whole = (packed: string): string => addressOf(packed, words);
  const places = parts(sources).map(whole);
  const sourcesFollow = places[0] !== "*";
  const given = sourcesFollow ? places : places.slice(1);
  const gap = given.includes("") ? given.indexOf("") : given.length;
  return {
    id,
    excerpt,
    url: whole(url),
    variants: pairs(variants).map(([kind, address]) => [kind, whole(address)]),
    own: given.slice(0, gap),
    rest: given.slice(gap + 1),
    sourcesFollow,
    others: parts(others),
    images: parts(images).map(whole),
    more: pairs(more),
  };
}

export function idOf(row: string): string {
  const end = row.indexOf(FIELD);
  return end < 0 ? row : row.slice(0, end);
}

export function excerptOf(row: string): string {
  const start = row.indexOf(FIELD);
  if (start < 0) return "";
  const end = row.indexOf(FIELD, start + 1);
  return row.slice(start + 1, end < 0 ? row.length : end);
}
