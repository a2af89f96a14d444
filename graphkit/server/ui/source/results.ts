/** The results: Yasr with the page's own table, the raw response, yes or no, and errors. */

import Yasgui from "@zazuko/yasgui";
import type { Yasr } from "@zazuko/yasr";
import { tablePlugin } from "./table";
import type { Names } from "./terms";

/** Draw the results' head into a place; `names` and `filename` are asked at the time of use. */
export function makeResults(place: HTMLElement, names: () => Names, filename: () => string): Yasr {
  // the plugin's type wants a class of any options
  Yasgui.Yasr.registerPlugin("table", tablePlugin(names) as unknown as Parameters<typeof Yasgui.Yasr.registerPlugin>[1]);
  const yasr = new Yasgui.Yasr(place, {
    persistenceId: null,
    getDownloadFileName: filename,
    pluginOrder: ["table", "response"],
    defaultPlugin: "table",
  });
  yasr.rootEl.querySelector(".yasr_external_ref_btn")?.remove(); // it leads to a site elsewhere
  yasr.rootEl.querySelector(".yasr_response_chip")?.setAttribute("role", "status");
  const markChosen = () => {
    for (const button of yasr.rootEl.querySelectorAll(".yasr_btnGroup button")) {
      button.setAttribute("aria-pressed", String(button.classList.contains("selected")));
    }
  };
  yasr.on("drawn", markChosen);
  markChosen();
  return yasr;
}
