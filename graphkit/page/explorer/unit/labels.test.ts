import assert from "node:assert/strict";
import { test } from "node:test";
import { frameOf, onScreenX, onScreenY } from "../source/frame.ts";
import { isHub, PROVIDER } from "../source/graph.ts";
import { type Label, type Measure, Placing, placeAreas, placeNodes, type Room, shortened } from "../source/labels.ts";
import { articlesByArea } from "../source/picture.ts";
import { type Chance, graphOf, type MadeNode, often, pictureOf, plain, randomScene, type Scene } from "./sample_graphs.ts";

const measure: Measure = (text, size, weight) => [...text].length * size * (weight > 500 ? 0.6 : 0.55);
const PIECES = ["a", "council", "decides", "日本", "🙂", "Donaudampfschifffahrtsgesellschaft", "מבחן", "2021", "–"];

function randomTitle(chance: Chance): string {
  return Array.from({ length: chance.whole(0, 9) }, () => chance.one(PIECES)).join(" ");
}

/** The room that the letters of a label take. */
function roomOf({ text, x, y, size, weight }: Label): Room {
  const half = measure(text, size, weight) / 2;
  return { left: x - half, top: y - size / 2, right: x + half, bottom: y + size / 2 };
}

function overlap(one: Room, other: Room): boolean {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}

function assertReadable(labels: Label[], width: number, height: number): void {
  const rooms = labels.map(roomOf);
  const cut = labels.filter((_, at) => {
    const { left, top, right, bottom } = rooms[at];
    return left < 0 || top < 0 || right > width || bottom > height;
  });
  assert.deepEqual(cut, []);
  const over = labels.filter((_, at) => rooms.slice(0, at).some((room) => overlap(room, rooms[at])));
  assert.deepEqual(over, []);
}

function placed(scene: Scene, titles: string[]): { areas: Label[]; nodes: Label[] } {
  const picture = pictureOf(scene);
  const placing = new Placing(scene.frame, measure);
  placeAreas(placing, scene.graph, picture);
  const areas = [...placing.labels];
  placeNodes(placing, scene.graph, picture, titles);
  return { areas, nodes: placing.labels.slice(areas.length) };
}

/** What of a graph of one area is named, seen at so many pixels a unit on a stage of 1200 by 1200. */
function namesOf(nodes: Partial<MadeNode>[], k: number): string[] {
  const graph = graphOf(plain(nodes));
  const passes = new Uint8Array(graph.count).fill(1);
  const scene = { graph, passes, articles: Uint32Array.of(graph.count), frame: frameOf({ x: 0, y: 0, k }, 1200, 1200) };
  return placed(scene, nodes.map((_, node) => `n${node}`)).nodes.map(({ text }) => text);
}

test("no label lies over another, and none is cut off by the stage, from wherever one looks at any graph", () => {
  let [areaNames, nodeNames] = [0, 0];
  often(500, (chance) => {
    const scene = randomScene(chance);
    const titles = Array.from({ length: scene.graph.count }, () => randomTitle(chance));
    const { areas, nodes } = placed(scene, titles);
    assertReadable([...areas, ...nodes], scene.frame.width, scene.frame.height);
    areaNames += areas.length;
    nodeNames += nodes.length;
  });
  assert.ok(areaNames > 100 && nodeNames > 100, `${areaNames} labels of areas, ${nodeNames} of nodes`);
});

test("no label is put over another, and those below each other stay so, whatever is put where", () => {
  often(300, (chance) => {
    const frame = frameOf({ x: 0, y: 0, k: 1 }, chance.whole(50, 1200), chance.whole(50, 900));
    const placing = new Placing(frame, measure);
    for (let at = 0; at < 40; at += 1) {
      const [x, y] = [chance.whole(-100, 1300), chance.whole(-100, 1000)];
      const before = placing.labels.length;
      const lines = Array.from({ length: chance.whole(1, 4) }, () => ({
        text: randomTitle(chance), size: chance.whole(8, 20), weight: chance.one([400, 650]), soft: chance.yes(),
      }));
      const [{ text, size, weight }] = lines;
      const beside = chance.yes();
      const done = beside ? placing.putBy(text, size, weight, x, y, chance.whole(0, 60)) : placing.put(lines, x, y);
      assert.equal(placing.labels.length > before, done);
      const added = placing.labels.slice(before);
      added.slice(1).forEach((line, below) => assert.ok(line.y > added[below].y));
    }
    assertReadable(placing.labels, frame.width, frame.height);
  });
});

test("what must have a name has it, inside of the stage, and what comes later keeps off it", () => {
  often(300, (chance) => {
    const frame = frameOf({ x: 0, y: 0, k: 1 }, chance.whole(400, 1200), chance.whole(100, 900));
    const placing = new Placing(frame, measure);
    const text = shortened(randomTitle(chance), 40) || "title";
    const [x, y, r] = [chance.whole(-900, 2000), chance.whole(-900, 2000), chance.whole(0, 900)];
    assert.ok(placing.putBy(text, 14, 650, x, y, r, true));
    assert.deepEqual(placing.labels.map((label) => label.text), [text]);
    for (let at = 0; at < 30; at += 1) {
      const name = shortened(randomTitle(chance), 34);
      placing.putBy(name, 11.5, 400, chance.whole(0, frame.width), chance.whole(0, frame.height), 8);
    }
    assertReadable(placing.labels, frame.width, frame.height);
  });
});

test("what must have a name has it where there is no room left", () => {
  const frame = frameOf({ x: 0, y: 0, k: 1 }, 300, 100);
  const placing = new Placing(frame, measure);
  placing.blockNode(graphOf(plain([{ radius: 1000 }])), 0);
  assert.equal(placing.putBy("name", 14, 650, 150, 50, 5), false);
  assert.equal(placing.putBy("name", 14, 650, 150, 50, 5, true), true);
  assert.deepEqual(placing.labels.map(({ text }) => text), ["name"]);
});

test("no name lies over the middle of a node that is drawn large enough to have one", () => {
  often(300, (chance) => {
    const scene = randomScene(chance);
    const { graph, frame } = scene;
    const { nodes } = placed(scene, Array.from({ length: graph.count }, () => randomTitle(chance)));
    for (const node of pictureOf(scene).nodes) {
      const [x, y] = [onScreenX(frame, graph.x[node]), onScreenY(frame, graph.y[node])];
      const r = graph.radius[node] * frame.k;
      if (r < 7) continue;
      const middle = { left: x - r / 2, top: y - r / 2, right: x + r / 2, bottom: y + r / 2 };
      for (const label of nodes) assert.ok(!overlap(roomOf(label), middle), label.text);
    }
  });
});

test("a name stands beside its own node", () => {
  often(200, (chance) => {
    const scene = randomScene(chance);
    const { graph, frame } = scene;
    const { nodes } = placed(scene, Array.from({ length: graph.count }, (_, node) => `n${node}`));
    for (const label of nodes) {
      const node = Number(label.text.slice(1));
      assert.ok(scene.passes[node]);
      const r = graph.radius[node] * frame.k;
      const dx = Math.abs(label.x - onScreenX(frame, graph.x[node]));
      const dy = Math.abs(label.y - onScreenY(frame, graph.y[node]));
      const away = Math.max(dx - measure(label.text, label.size, label.weight) / 2, dy - label.size / 2);
      assert.ok(away >= r && away <= r + 12, `${away} from the middle, ${r} the half width`);
    }
    assert.equal(new Set(nodes.map(({ text }) => text)).size, nodes.length);
  });
});

test("of two nodes that have room for one name, the more important has it", () => {
  const near = [{ x: 0, y: 0 }, { x: 5, y: 4 }];
  for (const hub of [0, 1]) {
    const nodes = near.map((node, at) => ({ ...node, sort: at === hub ? PROVIDER : 0 }));
    const graph = graphOf(plain(nodes));
    const frame = frameOf({ x: 2, y: 2, k: 1 }, 60, 60);
    const scene = { graph, passes: Uint8Array.of(1, 1), articles: Uint32Array.of(1), frame };
    const labels = placed(scene, ["one", "two"]).nodes.map(({ text }) => text);
    assert.equal(labels[0], ["one", "two"][hub]);
  }
});

test("where there is room for all names, the most important have theirs, and no more than can be read", () => {
  const nodes = Array.from({ length: 196 }, (_, at) => ({
    x: ((at % 14) - 6.5) * 80, y: (Math.floor(at / 14) - 6.5) * 80, sort: at % 3 ? 0 : PROVIDER,
  }));
  const names = namesOf(nodes, 1);
  assert.ok(names.length >= 66 && names.length < nodes.length, String(names.length));
  const order = [...graphOf(plain(nodes)).byImportance].map((node) => `n${node}`);
  assert.deepEqual(names, order.slice(0, names.length));
});

test("many nodes are named from near only, few from far too", () => {
  const grid = (count: number): Partial<MadeNode>[] =>
    Array.from({ length: count }, (_, at) => ({ x: (at % 10) * 90 - 400, y: Math.floor(at / 10) * 90 - 400 }));
  assert.deepEqual(namesOf(grid(100), 0.5), []);
  assert.ok(namesOf(grid(100), 1).length > 0);
  assert.equal(namesOf(grid(20), 0.5).length, 20);
});

test("an area tells its name, how many articles pass and, where it is large, its words", () => {
  const made = plain(Array.from({ length: 1501 }, (_, node) => ({ sort: node < 1500 ? 0 : PROVIDER })));
  made.areas = [{ x: 0, y: 0, r: 1000, name: "Rain", words: ["floods", "dams"] }];
  const graph = graphOf(made);
  const seen = (k: number, able: (node: number) => boolean = () => true): string[] => {
    const passes = Uint8Array.from(graph.x.keys(), (node) => Number(able(node)));
    const frame = frameOf({ x: 0, y: 0, k }, 800, 600);
    return placed({ graph, passes, articles: articlesByArea(graph, passes), frame }, []).areas.map(({ text }) => text);
  };
  assert.deepEqual(seen(0.014), []);
  assert.deepEqual(seen(0.016), ["Rain"]);
  assert.deepEqual(seen(0.05), ["Rain", "1,500"]);
  assert.deepEqual(seen(0.2), ["Rain", "1,500 · floods, dams"]);
  assert.deepEqual(seen(0.2, (node) => node < 7), ["Rain", "7 · floods, dams"]);
  assert.deepEqual(seen(0.2, (node) => node === 1500), []);
  assert.deepEqual(seen(2), []);
});

test("an area's name stands in its middle while nodes are dots, on its rim once they can be told apart", () => {
  const made = plain([{}]);
  made.areas = [{ x: 0, y: 0, r: 200, name: "Rain", words: [] }];
  const graph = graphOf(made);
  const heights = (k: number, y = 0): number[] => {
    const frame = frameOf({ x: 0, y, k }, 800, 600);
    const scene = { graph, passes: Uint8Array.of(1), articles: Uint32Array.of(1), frame };
    return placed(scene, []).areas.slice(0, 1).map((label) => (label.y - onScreenY(frame, 0)) / (200 * frame.k));
  };
  const [middle] = heights(0.4);
  assert.ok(Math.abs(middle) < 0.2, String(middle));
  const [upper] = heights(1);
  assert.ok(upper < -0.8, String(upper));
  // With the upper rim beyond the stage, the lower has it.
  const [lower] = heights(1, 150);
  assert.ok(lower > 0.8, String(lower));
});

test("only areas have a plate, one below their name that holds all their lines", () => {
  let plates = 0;
  often(200, (chance) => {
    const scene = randomScene(chance);
    const { areas, nodes } = placed(scene, Array.from({ length: scene.graph.count }, () => randomTitle(chance)));
    assert.ok(nodes.every(({ plate }) => plate === undefined));
    let plate: Room | undefined;
    for (const label of areas) {
      plates += label.plate ? 1 : 0;
      assert.equal(label.plate !== undefined, !label.soft);
      plate = label.plate ?? plate;
      assert.ok(plate);
      const { left, top, right, bottom } = roomOf(label);
      assert.ok(plate.left <= left && plate.top <= top && plate.right >= right && plate.bottom >= bottom);
    }
  });
  assert.ok(plates > 0);
});

test("hubs are written stronger than what belongs to them", () => {
  const nodes: Partial<MadeNode>[] = [{ x: -200 }, { x: 200, sort: PROVIDER, radius: 20 }];
  const graph = graphOf(plain(nodes));
  const frame = frameOf({ x: 0, y: 0, k: 1 }, 900, 600);
  const scene = { graph, passes: Uint8Array.of(1, 1), articles: Uint32Array.of(1), frame };
  const [hub, article] = placed(scene, ["article", "hub"]).nodes;
  assert.deepEqual([hub.text, article.text], ["hub", "article"]);
  assert.ok(isHub(graph.sort[1]) && hub.weight > article.weight && hub.size > article.size);
});

test("a text that is short enough stays, a longer one is cut, at a space where one is near", () => {
  assert.equal(shortened("a title", 7), "a title");
  assert.equal(shortened("a longer title", 13), "a longer…");
  assert.equal(shortened("Donaudampfschifffahrt", 8), "Donauda…");
  assert.equal(shortened("🙂🙂🙂🙂", 3), "🙂🙂…");
});

test("a shortened text is what the text begins with, and no letter is cut in two", () => {
  often(500, (chance) => {
    const text = randomTitle(chance);
    const letters = chance.whole(2, 80);
    const short = shortened(text, letters);
    assert.ok([...short].length <= letters);
    if (short === text) return;
    assert.ok([...text].length > letters && short.endsWith("…"));
    assert.ok(text.startsWith(short.slice(0, -1)));
    assert.doesNotThrow(() => encodeURIComponent(short), short); // as it does for half of a pair
    assert.ok(short.length > letters * 0.6, short);
  });
});
