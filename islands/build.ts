/**
 * Makes what browsers load out of the islands: one entry, split where something is
 * loaded later, and the style sheet.
 *
 * The packages stay in Deno's cache: links in a folder show them to the bundler, as
 * the lock file has them. React is Preact here.
 *
 * @module
 */
import * as esbuild from "esbuild";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** A file for browsers. */
export interface Asset {
  /** Holds a hash of the content, so that it may be kept for ever. */
  readonly name: string;
  readonly content: Uint8Array<ArrayBuffer>;
}

/** What was built. */
export interface Built {
  readonly assets: readonly Asset[];
  /** The names of what a page names itself. */
  readonly entries: { readonly script: string; readonly style: string };
  /** Characters of each part, for those who look at sizes. */
  readonly metafile: esbuild.Metafile;
}

const HERE = fileURLToPath(new URL(".", import.meta.url));

const OPTIONS = {
  absWorkingDir: HERE,
  bundle: true,
  write: false,
  outdir: "dist",
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  format: "esm",
  splitting: true,
  target: "es2022",
  minify: true,
  legalComments: "none",
  metafile: true,
  preserveSymlinks: true,
  jsx: "automatic",
  jsxImportSource: "preact",
  alias: {
    "react": "preact/compat",
    "react-dom": "preact/compat",
    "react/jsx-runtime": "preact/jsx-runtime",
    "@engine": "../engine",
  },
  logLevel: "silent",
} as const satisfies esbuild.BuildOptions;

/** @throws {Error} naming the place of what is wrong with a file. */
export async function buildIslands(): Promise<Built> {
  const folder = await linkPackages();
  try {
    const { outputFiles, metafile } = await esbuild.build({
      ...OPTIONS,
      entryPoints: { client: "client.ts", style: "style.css" },
      nodePaths: [join(folder, "node_modules")],
    });
    const assets = outputFiles.map(({ path, contents }) => ({
      name: path.slice(path.lastIndexOf("/") + 1),
      content: Uint8Array.from(contents),
    }));
    return {
      ...{ assets, metafile },
      entries: {
        script: entryOf(assets, /^client-\w+\.js$/),
        style: entryOf(assets, /^style-\w+\.css$/),
      },
    };
  } finally {
    await esbuild.stop();
  }
}

function entryOf(assets: readonly Asset[], pattern: RegExp): string {
  const found = assets.find(({ name }) => pattern.test(name));
  if (found) return found.name;
  throw new Error(`Cannot find ${pattern} in what was built`);
}

/** The links to packages: always the same ones, so that names stay the same. */
const LINKS = join(HERE, "../.cache/islands");

/** A folder whose `node_modules` shows every package of the lock file. */
async function linkPackages(): Promise<string> {
  const text = await Deno.readTextFile(join(HERE, "../deno.lock"));
  const { npm } = JSON.parse(text) as {
    readonly npm: Readonly<Record<string, unknown>>;
  };
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  const folder = await folderFor(join(LINKS, hash));
  const cache = cacheOf();
  for (const key of Object.keys(npm)) {
    const [, name = "", version = ""] = /^(@?[^@]+)@([^_]+)/.exec(key) ?? [];
    const link = join(folder, "node_modules", name);
    await Deno.mkdir(dirname(link), { recursive: true });
    await Deno.symlink(join(cache, name, version), link).catch((error) => {
      // Of several versions the first one of the lock file is meant.
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    });
  }
  return folder;
}

/** The folder, or one of this process where the project cannot be written. */
async function folderFor(wanted: string): Promise<string> {
  try {
    await Deno.mkdir(wanted, { recursive: true });
    return wanted;
  } catch {
    return await Deno.makeTempDir({ prefix: "islands-" });
  }
}

/** Where Deno keeps the packages of the registry. */
function cacheOf(): string {
  const preact = fileURLToPath(import.meta.resolve("preact"));
  const at = preact.lastIndexOf("/preact/");
  return preact.slice(0, at);
}
