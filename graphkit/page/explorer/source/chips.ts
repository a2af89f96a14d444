/** The active filters, as chips over the picture; a click removes one. */

import { button, byId, element } from "./elements.ts";

export interface Chip {
  text: string;
  remove: () => void;
}

export function showChips(chips: Chip[], removeAll: () => void): void {
  const items = chips.map(({ text, remove }) => {
    const made = button("", remove, { "aria-label": `Remove the filter ${text}` });
    made.append(element("span", { text, dir: "auto" }), element("span", { text: "×", "aria-hidden": "true" }));
    return made;
  });
  if (chips.length > 1) items.push(button("Clear all", removeAll));
  byId("chips").replaceChildren(...items.map((item) => element("li", {}, item)));
  byId("chips").hidden = !chips.length;
}
