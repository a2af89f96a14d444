/** Reads the graph from the page and draws it at once; then starts the rest. */

import { canUnpack, unpacked, unpackedText } from "./bytes.ts";
import { byId, element } from "./elements.ts";
import { Explorer } from "./explorer.ts";
import { decode } from "./graph.ts";
import { Stage } from "./stage.ts";

/** Wait until the page is complete: blocks after this script arrive while the first picture is drawn. */
async function wholePage(): Promise<void> {
  if (document.readyState !== "loading") return;
  await new Promise((done) => document.addEventListener("DOMContentLoaded", done, { once: true }));
}

/** Return the text of the block with this id, and remove it from the page. */
function block(id: string): string {
  const holder = byId(id);
  const text = holder.textContent ?? "";
  holder.remove();
  return text.trim();
}

/** Show a sentence that says why there is nothing to see. */
function say(sentence: string): void {
  byId("shown").textContent = "";
  byId("facts").replaceChildren(element("p", { role: "alert", text: sentence }));
}

async function start(): Promise<void> {
  if (!canUnpack()) {
    say("This browser is too old to unpack the graph: it lacks DecompressionStream. Chrome 80, Firefox 113 and Safari 16.4 have it, and all later ones.");
    return;
  }
  const graph = decode(await unpacked(block("shape")));
  if (graph.count === 0) {
    say("This graph is empty: there is nothing to explore. Build it from some records first.");
    byId("blank").textContent = "There is nothing to explore.";
    byId("blank").hidden = false;
    performance.mark("graphkit:drawn");
    performance.mark("graphkit:ready");
    return;
  }
  let explorer: Explorer | null = null;
  const stage = new Stage(byId("canvas"), graph, {
    select: (node) => explorer?.pick(node),
    open: (node) => explorer?.open(node),
    clear: () => explorer?.clear(),
    moved: () => explorer?.moved(),
  });
  stage.draw();
  performance.mark("graphkit:drawn");
  await wholePage();
  const titles = (await unpackedText(block("names"))).split("\n");
  stage.name(titles);
  const rows = (await unpackedText(block("details"))).split("\n");
  explorer = new Explorer(graph, { titles, rows }, stage);
  document.body.classList.remove("waiting");
  performance.mark("graphkit:ready");
}

start().catch((fault: unknown) => {
  say("This page is damaged or incomplete, so its graph cannot be read. Write it again from the records, or fetch it again.");
  throw fault;
});
