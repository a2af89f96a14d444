// Bundles the page into dist/: `node build.mjs`; with --check, compares dist/ with a fresh build, byte for byte.

import { build } from "esbuild";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { deliver, emptied, licences } from "../../page/bundling.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const MODULES = join(HERE, "node_modules");
const YASGUI = join(MODULES, "@zazuko", "yasgui", "build", "yasgui.esm.js");

// Yasgui comes as one file, of which the page uses the editor (Yasqe) and the results (Yasr). Each cut and each swap
// must apply exactly once, so that another version of Yasgui fails here and not in the browser.
const CUTS = [
  {
    why: "{{names}} in a literal stay as they are",
    from: "var applyMustacheToLiterals = (e) => {",
    upTo: ", Parser = class {",
    put: "var applyMustacheToLiterals = (e) => e",
  },
  {
    why: "the table of jQuery and DataTables: source/table.ts draws it",
    from: ", require_jquery = /* @__PURE__ */ __commonJSMin(",
    upTo: "//#region packages/yasr/src/plugins/boolean/index.ts",
    put: ";\n",
  },
  {
    why: "the prefixes of prefix.cc, spam among them: the server names its own",
    from: ', madsrdf = "http',
    upTo: ", tokenTypes = {",
    put: ", prefixes_default = {}",
  },
  {
    why: "completion of classes and properties by a service elsewhere",
    from: ", conf$1 = {",
    upTo: ", SUGGESTIONS_LIMIT = ",
    put: "",
  },
  { why: "that service", from: "var fetchFromLov = ", upTo: "completers = [", put: "var " },
  {
    why: "eval, for browsers without JSON",
    from: ", require_json2$1 = /* @__PURE__ */ __commonJSMin(",
    upTo: ", require_store_legacy = ",
    put: "",
  },
  {
    why: "tabs, the endpoint box, share links: the page has one editor and one endpoint",
    from: "//#region packages/yasgui/src/defaults.ts",
    upTo: "//# sourceMappingURL=",
    put: "const Yasgui = { Yasqe, Yasr };\nexport default Yasgui;\n",
  },
];
const SWAPS = [
  { why: "an answer is what it says it is; a guess at XML breaks style-src", from: "this.doLuckyGuess() || ", to: "" },
  { why: "cut above", from: 'Yasr.registerPlugin("table", Table), ', to: "" },
  { why: "cut above", from: "a = [require_json2()]", to: "a = []" },
  {
    why: "cut above elsewhere",
    from: "completers = [\n\tconf$3,\n\tconf$2,\n\tconf$1,\n\tconf\n]",
    to: "completers = [\n\tconf$3,\n\tconf$2\n]",
  },
  {
    why: "style-src 'self' refuses style attributes in HTML",
    from: "<strong style='text-decoration:underline'>",
    to: "<strong>",
  },
];
const CUT_PACKAGES = new Set([
  "@tarekraafat/autocomplete.js",
  "autosuggest-highlight",
  "column-resizer",
  "datatables.net",
  "jquery",
  "jsuri",
  "sortablejs",
]);

function once(text, part) {
  const at = text.indexOf(part);
  if (at < 0 || text.indexOf(part, at + 1) >= 0) throw new Error(`expected once in Yasgui: ${part}`);
  return at;
}

function slim(text) {
  for (const { from, upTo, put } of CUTS) {
    const start = once(text, from);
    const end = text.indexOf(upTo, start);
    if (end < 0) throw new Error(`expected in Yasgui after ${from}: ${upTo}`);
    text = text.slice(0, start) + put + text.slice(end);
  }
  for (const { from, to } of SWAPS) {
    const at = once(text, from);
    text = text.slice(0, at) + to + text.slice(at + from.length);
  }
  return text;
}

const slimYasgui = {
  name: "slim-yasgui",
  setup(bundler) {
    bundler.onLoad({ filter: /yasgui\.esm\.js$/ }, async ({ path }) => ({
      contents: slim(await readFile(path, "utf8")),
      loader: "js",
    }));
  },
};

/** Name the packages whose code is in the bundle, from the source map that Yasgui ships. */
async function bundledPackages() {
  const { sources } = JSON.parse(await readFile(`${YASGUI}.map`, "utf8"));
  const names = new Set(["@zazuko/yasgui", "@zazuko/yasgui-utils", "@zazuko/yasqe", "@zazuko/yasr", "lodash-es"]);
  for (const source of sources) {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1];
    if (name && !CUT_PACKAGES.has(name)) names.add(name);
  }
  return [...names];
}

async function buildInto(folder) {
  await emptied(folder);
  await build({
    absWorkingDir: HERE,
    entryPoints: { page: "source/page.ts" },
    outdir: folder,
    bundle: true,
    minify: true,
    format: "iife",
    target: ["es2022", "chrome109", "firefox115", "safari16"],
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
    plugins: [slimYasgui],
  });
  await writeFile(join(folder, "icon.svg"), await readFile(join(HERE, "source", "icon.svg")));
  await writeFile(join(folder, "LICENSES"), await licences(MODULES, await bundledPackages()));
}

await deliver(join(HERE, "dist"), buildInto, process.argv.includes("--check"));
