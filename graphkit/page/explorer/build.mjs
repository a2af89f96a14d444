// Bundles the explorer into dist/: `node build.mjs`; --check compares dist/ with a fresh build, byte for byte; --tests
// runs the unit tests.

import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { deliver, emptied, licences } from "../bundling.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const LARGEST = 120_000; // most bytes of script and style together

// The animation of d3-zoom and d3-brush would be a third of the script, and the page does not use it.
const withoutAnimation = {
  name: "without-animation",
  setup(bundler) {
    const instead = { path: join(HERE, "source", "d3_animation_stub.ts") };
    bundler.onResolve({ filter: /^d3-(transition|color)$/ }, () => instead);
    bundler.onResolve({ filter: /^d3-interpolate$/ }, ({ importer }) => (importer.includes("d3-brush") ? instead : undefined));
  },
};

// d3's packages have no side effects; once each call at their top level is marked as pure, the bundler drops unused
// code.
const pure = {
  name: "pure",
  setup(bundler) {
    bundler.onLoad({ filter: /d3-[a-z]+\.mjs$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(/^(var|const) (\S+) = (?=[\w.]+\(|\(function)/gm, "$1 $2 = /* @__PURE__ */ "),
    }));
  },
};

async function bundleInto(folder) {
  await emptied(folder);
  const { metafile } = await build({
    absWorkingDir: HERE,
    entryPoints: { explorer: "source/main.ts", style: "source/explorer.css" },
    outdir: folder,
    bundle: true,
    minify: true,
    metafile: true,
    format: "iife",
    target: ["es2022", "chrome123", "firefox120", "safari17.5"],
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
    plugins: [withoutAnimation, pure],
  });
  const packages = Object.keys(metafile.inputs).flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []);
  await writeFile(join(folder, "LICENSES"), await licences(join(HERE, "node_modules"), packages));
  const sizes = await Promise.all(["explorer.js", "style.css"].map(async (name) => (await stat(join(folder, name))).size));
  const size = sizes.reduce((sum, one) => sum + one);
  if (size > LARGEST) throw new Error(`expected at most ${LARGEST} bytes of script and style, got ${size}`);
}

async function test() {
  const folder = await mkdtemp(join(tmpdir(), "explorer-tests-"));
  try {
    const files = (await readdir(join(HERE, "unit"))).filter((name) => name.endsWith(".test.ts"));
    await build({
      absWorkingDir: HERE,
      entryPoints: files.map((name) => `unit/${name}`),
      outdir: folder,
      outExtension: { ".js": ".mjs" },
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
      logLevel: "warning",
    });
    const run = spawnSync(process.execPath, ["--test", folder], { stdio: "inherit" });
    process.exitCode = run.status ?? 1;
  } finally {
    await rm(folder, { recursive: true });
  }
}

if (process.argv.includes("--tests")) await test();
else await deliver(join(HERE, "dist"), bundleInto, process.argv.includes("--check"));
