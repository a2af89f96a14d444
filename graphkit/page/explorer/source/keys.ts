/** The keyboard commands of the page and of the picture. */

import { byId } from "./elements.ts";

export interface KeyEvents {
  search: () => void;
  help: () => void;
  back: () => void;
  zoom: (factor: number) => void;
  overview: () => void;
  /** Walk to a neighbour, or move the picture if nothing is selected. */
  arrow: (dx: number, dy: number) => void;
  /** Select the node in the centre; if one is selected, show what is around it. */
  enter: () => void;
}

const ARROWS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
};
const TYPING = "input:not([type=checkbox]), textarea, select";
const NEARER = 1.5;

export function listenToKeys(events: KeyEvents): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (byId<HTMLDialogElement>("help").open) return; // it closes itself
    if (event.key === "Escape") {
      const menu = document.querySelector<HTMLDetailsElement>("details[open]");
      if (menu) menu.open = false;
      else events.back();
      return;
    }
    if (target.matches(TYPING)) return;
    const onPicture = target === byId("canvas") || target === document.body;
    const arrow = onPicture ? ARROWS[event.key] : undefined;
    if (arrow) events.arrow(...arrow);
    else if (event.key === "Enter" && onPicture) events.enter();
    else if (event.key === "/") events.search();
    else if (event.key === "?") events.help();
    else if (event.key === "+" || event.key === "=") events.zoom(NEARER);
    else if (event.key === "-") events.zoom(1 / NEARER);
    else if (event.key === "0") events.overview();
    else return;
    event.preventDefault();
  });
}
