/** The editor: Yasqe without its stores, share popup and outside services. */

import Yasgui from "@zazuko/yasgui";
import type { Yasqe } from "@zazuko/yasqe";

interface Editor {
  somethingSelected(): boolean;
  execCommand(name: string): void;
}

/** Draw the editor into a place; `run` answers Ctrl+Enter. */
export function makeEditor(place: HTMLElement, prefixes: Record<string, string>, run: () => void): Yasqe {
  const completions = Object.entries(prefixes).map(([prefix, namespace]) => `${prefix}: <${namespace}>`);
  Yasgui.Yasqe.forkAutocompleter("prefixes", { name: "prefixes", persistenceId: null, get: () => completions.sort() });
  // Yasqe merges this list with the one given to it, item by item: so the list itself is set.
  Yasgui.Yasqe.defaults.autocompleters = ["prefixes", "variables"];
  const settings = {
    value: "",
    persistenceId: null,
    consumeShareLink: null,
    createShareableLink: null,
    showQueryButton: false,
    resizeable: false,
    editorHeight: "auto",
    viewportMargin: Number.POSITIVE_INFINITY,
    indentUnit: 2,
    tabSize: 2,
    extraKeys: {
      "Ctrl-Enter": run,
      "Cmd-Enter": run,
      "Ctrl-S": false,
      Tab: (editor: Editor) => editor.execCommand(editor.somethingSelected() ? "indentMore" : "insertSoftTab"),
      "Shift-Tab": "indentLess",
    },
  };
  // null switches a function off, which Yasqe's types do not say
  const yasqe = new Yasgui.Yasqe(place, settings as unknown as ConstructorParameters<typeof Yasgui.Yasqe>[1]);
  const input = yasqe.getInputField();
  input.setAttribute("aria-label", "SPARQL query");
  input.setAttribute("aria-describedby", "editor-help");
  return yasqe;
}
