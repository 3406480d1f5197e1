/**
 * Whether the suite has a test of some title that speaks of a key.
 *
 * @module
 */
import { join } from "node:path";
import { ROOT } from "../_process.ts";

/** Where tests are; everything else at the top is none of ours. */
const FOLDERS = [
  ...["cli", "components", "engine", "islands", "modules", "platform"],
  ...["routes", "tests", "tools", "workflows"],
];

/** The text of every file of tests, by path. */
export async function testFiles(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const folder of FOLDERS) await collect(folder, files);
  return files;
}

/** What is wrong with naming this test for this key; `undefined` if nothing is. */
export function faultOfNaming(
  title: string,
  key: string,
  files: ReadonlyMap<string, string>,
): string | undefined {
  const quoted = [JSON.stringify(title), `'${title}'`, `\`${title}\``];
  const holding = [...files]
    .filter(([, text]) => quoted.some((literal) => text.includes(literal)));
  if (holding.length === 0) return `no test is called "${title}"`;
  const word = new RegExp(`\\b${lastWord(key)}\\b`);
  return holding.some(([, text]) => word.test(text))
    ? undefined
    : `the file of "${title}" does not speak of ${lastWord(key)}`;
}

function lastWord(key: string): string {
  return /\w+(?=\W*$)/.exec(key)?.[0] ?? key;
}

async function collect(
  folder: string,
  files: Map<string, string>,
): Promise<void> {
  for await (const entry of Deno.readDir(join(ROOT, folder))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) await collect(path, files);
    else if (/_test\.tsx?$/.test(entry.name)) {
      files.set(path, await Deno.readTextFile(join(ROOT, path)));
    }
  }
}
