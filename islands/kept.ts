/**
 * The built islands in a folder, for a binary: it has no bundler.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { buildIslands, type Built } from "./build.ts";

const FOLDER = fileURLToPath(new URL("./dist/", import.meta.url));

/** The file with the names of the others. */
const INDEX = "index.json";

/** Builds the islands into the folder. */
export async function keepIslands(folder: string = FOLDER): Promise<void> {
  const { assets, entries } = await buildIslands();
  await Deno.mkdir(folder, { recursive: true });
  for (const { name, content } of assets) {
    await Deno.writeFile(`${folder}/${name}`, content);
  }
  const names = assets.map(({ name }) => name);
  await Deno.writeTextFile(
    `${folder}/${INDEX}`,
    JSON.stringify({ names, entries }),
  );
}

/** Reads what `keepIslands` has left. @throws {Error} There is nothing. */
export async function keptIslands(
  folder: string = FOLDER,
): Promise<Pick<Built, "assets" | "entries">> {
  const { names, entries } = JSON.parse(
    await Deno.readTextFile(`${folder}/${INDEX}`),
  ) as {
    readonly names: readonly string[];
    readonly entries: Built["entries"];
  };
  const assets = await Promise.all(names.map(async (name) => ({
    name,
    content: await Deno.readFile(`${folder}/${name}`),
  })));
  return { assets, entries };
}
