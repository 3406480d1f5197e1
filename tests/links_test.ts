/** Every link between the Markdown files of the project leads somewhere. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { walk } from "../tools/generate/walk.ts";
import { ROOT } from "./_process.ts";

const FOLDERS = ["docs/", "examples/", "bench/"];

async function pages(): Promise<string[]> {
  const found: string[] = [];
  for (const folder of FOLDERS) {
    for await (const path of walk(ROOT, folder)) {
      if (path.endsWith(".md")) found.push(path);
    }
  }
  for await (const { name } of Deno.readDir(ROOT)) {
    if (name.endsWith(".md")) found.push(name);
  }
  return found.sort();
}

/** What a page links to, without pages elsewhere and without code. */
function linksOf(markdown: string): string[] {
  const text = markdown.replace(/```[\s\S]*?```/g, "");
  return [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)]
    .map(([, link = ""]) => link)
    .filter((link) => !/^[a-z]+:/.test(link));
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test("every link of a Markdown file leads to a file or a folder", async () => {
  const broken: string[] = [];
  let count = 0;
  for (const page of await pages()) {
    for (const link of linksOf(await Deno.readTextFile(join(ROOT, page)))) {
      count++;
      const target = join(ROOT, dirname(page), link);
      if (!await exists(target)) broken.push(`${page}: ${link}`);
    }
  }
  assert.deepEqual(broken, []);
  assert.ok(count > 50, `${count} links were found`);
});
