import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addressOfView, FIRST_VIEW, MOST_STEPS, type Names, THEMES, type View, viewOfAddress,
} from "../source/address.ts";
import { type Choices, FACETS, KINDS } from "../source/filters.ts";
import { DAY, isoDay } from "../source/times.ts";
import { type Chance, often } from "./sample_graphs.ts";

const IDS = [
  "article/a-title", "article/https://example.com/?a=1&b=2#c", "provider/Zürich & Söhne", "topic/日本", "topic/🙂",
  "article/100%2F2%2C5", "article/+ and  ;", "article/=&node=1", "article/</script>", "article/\"'`", "",
  "node", "article/a,b",
];
const NAMES: Names = {
  idOf: (node) => IDS[node],
  nodeOf: (id) => IDS.indexOf(id),
  hubOf: (_, id) => IDS.indexOf(id),
  media: ["unknown", "article", "video & audio", "a+b"],
  statuses: ["unknown", "published", "in review", "100%"],
};

function randomView(chance: Chance): View {
  const node = chance.yes(0.3) ? -1 : chance.whole(0, IDS.length);
  const set = (size: number): Set<number> => new Set(chance.yes() ? [] : chance.some([...Array(size).keys()], 0.4));
  const day = chance.whole(-700_000, 2_900_000);
  const sixDigits = (value: number): number => Number(value.toPrecision(6));
  const coordinate = (): number => sixDigits((chance.part() - 0.5) * 10 ** chance.whole(0, 8));
  return {
    node,
    steps: node < 0 || chance.yes() ? 0 : chance.whole(1, MOST_STEPS + 1),
    choices: {
      kind: set(KINDS.length), provider: set(IDS.length), topic: set(IDS.length),
      medium: set(NAMES.media.length), status: set(NAMES.statuses.length),
    },
    span: chance.yes() ? null : [day * DAY, (day + chance.whole(1, 2000)) * DAY],
    camera: chance.yes() ? null : { x: coordinate(), y: coordinate(), k: sixDigits(10 ** (chance.part() * 6 - 5)) },
    theme: chance.one(THEMES),
  };
}

test("any view comes back from its address", () => {
  often(2000, (chance) => {
    const view = randomView(chance);
    const address = addressOfView(view, NAMES);
    assert.deepEqual(viewOfAddress(address, NAMES), view, address);
    assert.deepEqual(viewOfAddress(`#${address}`, NAMES), viewOfAddress(address, NAMES));
    assert.equal(addressOfView(viewOfAddress(address, NAMES), NAMES), address);
  });
});

test("an address stays the same through a browser's address bar", () => {
  often(300, (chance) => {
    const address = addressOfView(randomView(chance), NAMES);
    assert.equal(new URL(`#${address}`, "https://example.com/coverage.html").hash.slice(1), address);
  });
});

test("the same choices give the same address, in whatever order they were made", () => {
  often(100, (chance) => {
    const view = randomView(chance);
    const facets = FACETS.map((facet) => [facet, new Set([...view.choices[facet]].reverse())]);
    const other = { ...view, choices: Object.fromEntries(facets) as Choices };
    assert.equal(addressOfView(other, NAMES), addressOfView(view, NAMES));
  });
});

test("the first view needs no address", () => {
  assert.equal(addressOfView(FIRST_VIEW, NAMES), "");
  assert.deepEqual(viewOfAddress("", NAMES), FIRST_VIEW);
});

test("an address can be read by people", () => {
  const view: View = {
    ...FIRST_VIEW, node: 0, steps: 2, choices: { ...FIRST_VIEW.choices, status: new Set([1]) },
    span: [Date.UTC(2021, 0, 1) / 60_000, Date.UTC(2022, 0, 1) / 60_000],
    camera: { x: 12, y: -3.5, k: 0.25 }, theme: "dark",
  };
  const expected = [
    "node=article/a-title", "steps=2", "status=published", "from=2021-01-01", "to=2021-12-31", "view=12,-3.5,0.25",
    "theme=dark",
  ];
  assert.deepEqual(addressOfView(view, NAMES).split("&"), expected);
});

test("a span of parts of days becomes the days that hold it", () => {
  often(200, (chance) => {
    const from = chance.whole(-1_000_000, 30_000_000);
    const to = from + chance.whole(1, 10_000);
    const { span } = viewOfAddress(addressOfView({ ...FIRST_VIEW, span: [from, to] }, NAMES), NAMES);
    assert.deepEqual(span?.map(isoDay), [isoDay(from), isoDay(to - 1 + DAY)]);
    assert.deepEqual(span?.map((end) => Math.abs(end % DAY)), [0, 0]);
  });
});

test("what names nothing here is passed over, and the rest is kept", () => {
  const kept = "topic=topic/日本&theme=dark";
  const expected = viewOfAddress(kept, NAMES);
  assert.deepEqual([[...expected.choices.topic], expected.theme], [[3], "dark"]);
  const strays = [
    "node=article/gone", "node=article/gone&steps=2", "steps=2", "topic=topic/gone", "kind=person", "medium=smell",
    "status=", "colour=red",
    "from=2021-01-01", "to=2021-01-01", "from=2021-02-01&to=2021-01-01", "from=yesterday&to=today",
    "from=2021-13-01&to=2021-13-02",
    "view=", "view=1,2", "view=1,2,3,4", "view=1,2,x", "view=1,2,0", "view=1,2,-1", "view=1,2,1e9", "view=1e99,2,1",
    "view=NaN,NaN,NaN",
    "view=Infinity,0,1", "theme=pink", "%", "%E0%A4%A", "=", "&&&", "<script>alert(1)</script>", "__proto__=1",
  ];
  for (const stray of strays) assert.deepEqual(viewOfAddress(`${kept}&${stray}`, NAMES), expected, stray);
});

test("steps are whole and no more than there are", () => {
  const read = (steps: string): number => viewOfAddress(`node=node&steps=${steps}`, NAMES).steps;
  assert.deepEqual(["0", "1", "1.9", "3", "-1", "two", ""].map(read), [0, 1, 1, 3, 0, 0, 0]);
  assert.deepEqual(["4", "999", "Infinity"].map(read), [MOST_STEPS, MOST_STEPS, MOST_STEPS]);
});

test("any text is read as some view", () => {
  const pieces = [
    "node=", "steps=", "kind=", "topic=", "from=", "to=", "view=", "theme=", "&", "#", "=", "%", "%2", ",", "1", "-",
    "2021-01-01", "e9", "🙂", "\ud800", "dark",
  ];
  often(1000, (chance) => {
    const address = Array.from({ length: chance.whole(0, 12) }, () => chance.one(pieces)).join("");
    const view = viewOfAddress(address, NAMES);
    assert.deepEqual(viewOfAddress(addressOfView(view, NAMES), NAMES), view, address);
  });
});

test("only a provider is chosen as provider, and only a topic as topic", () => {
  const hubOf = (facet: string, id: string): number => (id.startsWith(facet) ? IDS.indexOf(id) : -1);
  const address = "provider=topic/日本&provider=provider/Zürich %26 Söhne&topic=article/a,b";
  const { choices } = viewOfAddress(address, { ...NAMES, hubOf });
  assert.deepEqual([[...choices.provider], [...choices.topic]], [[2], []]);
});
