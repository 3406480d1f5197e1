import assert from "node:assert/strict";
import { buildIslands, type Built } from "./build.ts";
import { keepIslands, keptIslands } from "./kept.ts";

/** What the builder may load before it can be used, in bytes, gzipped. */
const BUILDER_BYTES_MAX = 250 * 1024;

const built = await buildIslands();

/** The files that an entry loads at once. */
function closureOf({ metafile }: Built, entry: string): Set<string> {
  const outputs = Object.entries(metafile.outputs);
  const first = outputs.find(([, { entryPoint }]) => entryPoint === entry);
  assert.ok(first, `nothing was built of ${entry}`);
  const found = new Set([first[0]]);
  for (const name of found) {
    for (const { path, kind } of metafile.outputs[name]?.imports ?? []) {
      if (kind === "import-statement") found.add(path);
    }
  }
  return found;
}

async function gzipped(content: Uint8Array<ArrayBuffer>): Promise<number> {
  const stream = new Blob([content]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).arrayBuffer()).byteLength;
}

Deno.test("the builder loads little before it can be used, and the editor later", async () => {
  const files = closureOf(built, "builder/builder.tsx");
  let bytes = 0;
  for (const { name, content } of built.assets) {
    if (files.has(`dist/${name}`)) bytes += await gzipped(content);
  }
  assert.ok(bytes < BUILDER_BYTES_MAX, `${bytes} bytes`);
  const inputs = [...files].flatMap((file) =>
    Object.keys(built.metafile.outputs[file]?.inputs ?? {})
  );
  assert.ok(!inputs.some((input) => input.includes("@codemirror/view")));
});

Deno.test("no island holds code of the server", () => {
  const inputs = Object.keys(built.metafile.inputs);
  const foreign = inputs.filter((input) =>
    /^\.\.\/(?:modules|routes|platform|cli|components)\//.test(input)
  );
  assert.deepEqual(foreign, []);
});

Deno.test("what a binary holds is what was built", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await keepIslands(folder);
    const kept = await keptIslands(folder);
    assert.deepEqual(kept.entries, built.entries);
    assert.deepEqual(
      kept.assets.map(({ name, content }) => [name, content.length]),
      built.assets.map(({ name, content }) => [name, content.length]),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
