// Shared by the builds of the pages: the dist folder, its comparison with a fresh build, and the licences.

import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Make an empty folder, in place of one that exists. */
export async function emptied(folder) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}

/** Build into `dist`; with `check`, build elsewhere and fail if `dist` is not byte-identical. */
export async function deliver(dist, buildInto, check) {
  if (!check) {
    await buildInto(dist);
    return;
  }
  const fresh = await mkdtemp(join(tmpdir(), "page-"));
  try {
    await buildInto(fresh);
    const differing = await compare(dist, fresh);
    if (differing.length) {
      console.error(`${dist} is out of date: ${differing.join(", ")}. Run npm run build.`);
      process.exitCode = 1;
    }
  } finally {
    await rm(fresh, { recursive: true });
  }
}

async function compare(built, fresh) {
  const names = new Set([...(await readdir(built)), ...(await readdir(fresh))]);
  const differing = [];
  for (const name of [...names].sort()) {
    const read = (folder) => readFile(join(folder, name)).catch(() => Buffer.alloc(0));
    if (!(await read(built)).equals(await read(fresh))) differing.push(name);
  }
  return differing;
}

/** The licences of packages whose code is in a bundle, as one text. */
export async function licences(modules, packages) {
  const parts = await Promise.all([...new Set(packages)].sort().map((name) => licenceOf(modules, name)));
  return `The page's script and style hold code of these packages.\n\n${parts.join("\n\n")}`;
}

async function licenceOf(modules, name) {
  const folder = join(modules, name);
  const about = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const author = typeof about.author === "string" ? about.author : about.author?.name;
  const files = (await readdir(folder)).filter((file) => /^licen[cs]e/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  const body = texts.map((text) => text.replaceAll("\r\n", "\n").trim()).join("\n\n");
  const head = `${name} ${about.version}: ${about.license}`;
  return `${head}\n${"-".repeat(head.length)}\n\n${body || `By ${author ?? "its contributors"}; the package holds no text of its licence.`}\n`;
}
