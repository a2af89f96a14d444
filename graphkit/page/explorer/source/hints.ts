/** Three short hints over the picture; each goes away when it was followed, all when they are sent away. */

import { button, byId, element } from "./elements.ts";

const HINTS = {
  near: "Scroll to come nearer",
  read: "Click a shape to read",
  find: "Press / to search",
} as const;
export type Hint = keyof typeof HINTS;

export class Hints {
  private readonly place = byId("hints");
  private readonly items = new Map<Hint, HTMLElement>();

  constructor() {
    for (const [name, text] of Object.entries(HINTS)) this.items.set(name as Hint, element("li", { text }));
    this.place.replaceChildren(
      element("ul", {}, ...this.items.values()),
      button("×", () => this.done("near", "read", "find"), { "aria-label": "Send the hints away" }),
    );
    this.place.hidden = false;
  }

  done(...hints: Hint[]): void {
    for (const hint of hints) {
      this.items.get(hint)?.remove();
      this.items.delete(hint);
    }
    this.place.hidden = this.items.size === 0;
  }
}
