/** The bundled questions: what the server says of them, and the list to pick from. */

import { element } from "./element";
import { withoutValues } from "./parameters";

export interface Parameter {
  name: string;
  type: string;
  default: string;
  help: string;
}

export interface Question {
  name: string;
  title: string;
  question: string;
  text: string;
  parameters: Parameter[];
}

export interface Catalogue {
  prefixes: Record<string, string>;
  base: string;
  queries: Question[];
}

/** Fetch what the server offers; throws if it does not answer. */
export async function fetchCatalogue(): Promise<Catalogue> {
  const response = await fetch("/queries.json", { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`/queries.json answered ${response.status}`);
  return (await response.json()) as Catalogue;
}

/** The list beside the editor: type to narrow it, press to pick. */
export class Picker {
  private readonly buttons = new Map<string, HTMLButtonElement>();

  constructor(
    private readonly list: HTMLElement,
    private readonly filter: HTMLInputElement,
    private readonly count: HTMLElement,
    private readonly questions: readonly Question[],
    pick: (question: Question) => void,
  ) {
    for (const question of questions) {
      const button = element("button", "question");
      button.type = "button";
      button.dataset["name"] = question.name;
      button.append(element("span", "question-title", question.title), element("span", "question-text", question.question));
      button.addEventListener("click", () => pick(question));
      const item = element("li");
      item.append(button);
      list.append(item);
      this.buttons.set(question.name, button);
    }
    filter.addEventListener("input", () => this.narrow());
    list.addEventListener("keydown", (event) => this.step(event));
    filter.addEventListener("keydown", (event) => this.step(event));
    this.narrow();
  }

  /** Mark the question whose text is in the editor, whatever its parameters; none, if it has been changed. */
  mark(text: string): Question | undefined {
    const found = this.questions.find(
      ({ text: own, parameters }) => withoutValues(own, parameters) === withoutValues(text, parameters),
    );
    for (const [name, button] of this.buttons) {
      if (name === found?.name) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
    this.settle();
    return found;
  }

  /** Bring the marked question into the list's view. */
  reveal(): void {
    this.list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }

  private narrow(): void {
    const words = this.filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const question of this.questions) {
      const searched = `${question.name} ${question.title} ${question.question}`.toLowerCase();
      const matches = words.every((word) => searched.includes(word));
      const item = this.buttons.get(question.name)?.parentElement;
      if (item) item.hidden = !matches;
      if (matches) shown += 1;
    }
    this.settle();
    this.count.textContent = words.length ? `${shown} of ${this.questions.length}` : String(this.questions.length);
  }

  /** Let Tab stop once in the list, at the question marked or else the first shown: arrow keys do the rest. */
  private settle(): void {
    const shown = this.shown();
    const stop = shown.find((button) => button.hasAttribute("aria-current")) ?? shown[0];
    for (const button of this.buttons.values()) button.tabIndex = button === stop ? 0 : -1;
  }

  private shown(): HTMLButtonElement[] {
    return [...this.list.querySelectorAll<HTMLButtonElement>("li:not([hidden]) button")];
  }

  /** Arrow keys walk through the questions shown. */
  private step(event: KeyboardEvent): void {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const shown = this.shown();
    const here = shown.findIndex((button) => button === document.activeElement);
    const next = event.key === "ArrowDown" ? shown[here + 1] : here > 0 ? shown[here - 1] : this.filter;
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
}
