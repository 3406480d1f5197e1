/**
 * The documents of `scenes/`. Behind the document stands a second one: `for` says
 * which types it is kept for, such as `module http.server`. It may hold
 * `requests`, `runs`, `files` and `values`, too, and `alike`: types that take the
 * place of others, in a scene of their own.
 *
 * @module
 */
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { Scene } from "./scene.ts";

const FOLDER = join(import.meta.dirname ?? ".", "scenes");

/** All of them, in the order of their names. */
export async function keptScenes(): Promise<readonly Scene[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(FOLDER)) names.push(name);
  const scenes = await Promise.all(names.sort().map(scenesIn));
  return scenes.flat();
}

async function scenesIn(name: string): Promise<readonly Scene[]> {
  const text = await Deno.readTextFile(join(FOLDER, name));
  const [first, second] = parseAllDocuments(text, { merge: true });
  const document = first?.toJS();
  const { alike = {}, ...more } = second?.toJS() ?? {};
  const others = Object.entries(alike).map(([type, other]) => ({
    ...{ ...more, name: `scenes/${name} with ${other}` },
    for: [`module ${other}`],
    document: {
      ...document,
      modules: document.modules.map((module: { readonly type: string }) =>
        module.type === type ? { ...module, type: other } : module
      ),
    },
  }));
  return [{ ...more, name: `scenes/${name}`, document }, ...others];
}
