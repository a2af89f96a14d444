/** The query page: questions, editor, results, and the query in the address's fragment. */

import { makeEditor } from "./editor";
import { element } from "./element";
import { ask } from "./endpoint";
import { drawFields } from "./parameters";
import { fetchCatalogue, Picker, type Catalogue, type Question } from "./questions";
import { makeResults } from "./results";
import "./page.css";

const START = "SELECT ?thing ?class WHERE {\n  ?thing a ?class .\n}\nLIMIT 100\n";

function found<Kind extends HTMLElement>(id: string): Kind {
  const node = document.getElementById(id);
  if (!node) throw new Error(`the page has no #${id}`);
  return node as Kind;
}

function queryInAddress(): string | undefined {
  return new URLSearchParams(location.hash.slice(1)).get("query") ?? undefined;
}

async function start(): Promise<void> {
  const count = found("question-count");
  let catalogue: Catalogue = { prefixes: {}, base: "", queries: [] };
  let fault = "";
  try {
    catalogue = await fetchCatalogue();
  } catch (reason) {
    fault = `could not be read: ${reason instanceof Error ? reason.message : String(reason)}`;
  }

  const runButton = found<HTMLButtonElement>("run");
  const about = found("about");
  let running: AbortController | undefined;
  let asked: Question | undefined;

  const editor = makeEditor(found("editor"), catalogue.prefixes, () => void run());
  const results = makeResults(
    found("results"),
    () => ({ prefixes: { ...catalogue.prefixes, ...editor.getPrefixesFromQuery() }, base: catalogue.base }),
    () => asked?.name ?? "results",
  );
  const picker = new Picker(
    found("questions"),
    found<HTMLInputElement>("question-filter"),
    count,
    catalogue.queries,
    (question) => {
      show(question.text);
      if (narrow.matches) menu.open = false;
      void run();
    },
  );

  if (fault) count.textContent = fault;

  const menu = found<HTMLDetailsElement>("menu");
  const narrow = matchMedia("(max-width: 56rem)");
  const fold = () => {
    menu.open = !narrow.matches;
    menu.querySelector("summary")?.setAttribute("tabindex", narrow.matches ? "0" : "-1"); // wide: always open
  };
  narrow.addEventListener("change", fold);
  fold();

  function describe(): void {
    const now = picker.mark(editor.getValue());
    if (now === asked) return; // the field being typed into stays
    asked = now;
    about.replaceChildren();
    if (!asked) return;
    about.append(element("p", "", asked.question));
    about.append(...drawFields(asked, () => editor.getValue(), (text) => editor.setValue(text), () => void run()));
  }

  function show(text: string): void {
    asked = undefined; // so that its fields are drawn anew
    editor.setValue(`${text.trimEnd()}\n`);
    describe();
  }

  function setBusy(busy: boolean): void {
    runButton.textContent = busy ? "Stop" : "Run";
    results.rootEl.setAttribute("aria-busy", String(busy));
    document.body.classList.toggle("busy", busy);
  }

  async function run(): Promise<void> {
    running?.abort();
    const text = editor.getValue();
    if (queryInAddress() !== text) history.pushState(null, "", `#query=${encodeURIComponent(text)}`);
    const mine = new AbortController();
    running = mine;
    setBusy(true);
    try {
      const answer = await ask(text, editor.getQueryType(), mine.signal);
      const { executionTime, ...summary } = answer;
      found("hint").hidden = true;
      results.setResponse(summary, executionTime);
    } catch (reason) {
      if (!mine.signal.aborted) throw reason;
    } finally {
      if (running === mine) {
        running = undefined;
        setBusy(false);
      }
    }
  }

  function open(): void {
    const text = queryInAddress();
    if (text === undefined) return;
    show(text);
    if (menu.open) picker.reveal();
    void run();
  }

  runButton.addEventListener("click", () => {
    if (running) running.abort();
    else void run();
  });
  editor.on("changes", describe);
  addEventListener("hashchange", open); // also when going back to a query asked before

  if (queryInAddress() === undefined) show(catalogue.queries[0]?.text ?? START);
  else open();
  runButton.disabled = false;
}

void start();
