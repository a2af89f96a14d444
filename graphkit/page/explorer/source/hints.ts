/** Three short hints over the picture; each disappears once it was followed, all when they are dismissed. */

import { button, byId, element } from "./elements.ts";

const HINTS = {
  near: ["Scroll to come nearer", "Pinch to come nearer"],
  read: ["Click a shape to read", "Tap a shape to read"],
  find: ["Press / to search", "Search above"],
} as const;
export type Hint = keyof typeof HINTS;

export class Hints {
  private readonly place = byId("hints");
  private readonly items = new Map<Hint, HTMLElement>();

  /** `changed` is called whenever hints have disappeared. */
  constructor(private readonly changed: () => void) {
    const finger = matchMedia("(pointer: coarse)").matches;
    for (const [name, texts] of Object.entries(HINTS)) {
      this.items.set(name as Hint, element("li", { text: texts[Number(finger)] }));
    }
    this.place.replaceChildren(
      element("ul", {}, ...this.items.values()),
      button("×", () => this.done("near", "read", "find"), { "aria-label": "Send the hints away" }),
    );
    this.place.hidden = false;
  }

  done(...hints: Hint[]): void {
    const before = this.items.size;
    for (const hint of hints) {
      this.items.get(hint)?.remove();
      this.items.delete(hint);
    }
    this.place.hidden = this.items.size === 0;
    if (this.items.size < before) this.changed();
  }
}
