import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { generate, outOfDate, write } from "./generate.ts";

/** A definition as an author would write it. */
function source(type: string, kind = "Module"): string {
  const rest = kind === "Module"
    ? `stability: "stable", provides: [], create: () => ({}),
  examples: [{ title: "Shown", modules: [{ name: "a", type: "${type}" }] }],`
    : "wire: () => ({ unwire() {} }),";
  return `import { z } from "zod";
import { define${kind} } from "@engine/define.ts";
export default define${kind}({
  type: "${type}",
  summary: "Does nothing",
  config: z.strictObject({}),
  ${rest}
});
`;
}

/** A root with these files, which vanishes with the test. */
async function root(
  files: Readonly<Record<string, string>>,
): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "generate_" });
  for (const [name, text] of Object.entries(files)) await put(path, name, text);
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

async function put(root: string, name: string, text: string): Promise<void> {
  await Deno.mkdir(dirname(join(root, name)), { recursive: true });
  await Deno.writeTextFile(join(root, name), text);
}

const SMALL = {
  "modules/toy/lamp.ts": source("toy.lamp"),
  "modules/toy/nested/deep_one.ts": source("toy.nested.deep_one"),
  "modules/toy/_shared.ts": "export const shared = 1;\n",
  "modules/toy/_folder/part.ts": "export const part = 1;\n",
  "modules/toy/lamp_test.ts": 'throw new Error("Never loaded");\n',
  "modules/toy/notes.md": "# Notes\n",
  "workflows/types/wall.ts": source("wall", "WorkflowType"),
  "workflows/triggers/dusk.ts": source("dusk", "Trigger"),
  "examples/house/house.yaml": "modules: [{ name: l, type: toy.lamp }]\n",
};

Deno.test("generate() makes catalog, pages, examples and plans of what it finds", async () => {
  await using folder = await root(SMALL);
  const { files, faults, stale } = await generate(folder.path);
  assert.deepEqual([faults, stale], [[], []]);
  const paths = [...files.keys()].filter((path) => !path.includes("problems/"));
  assert.deepEqual(paths.sort(), [
    "catalog.gen.ts",
    "docs/modules.md",
    "docs/modules/README.md",
    "docs/modules/toy.lamp.md",
    "docs/modules/toy.nested.deep_one.md",
    "docs/pipelines/README.md",
    "docs/steps/README.md",
    "docs/triggers/README.md",
    "docs/triggers/dusk.md",
    "docs/workflows/README.md",
    "docs/workflows/wall.md",
    "examples/house/house.plan.json",
    "examples/modules/toy.lamp.plan.json",
    "examples/modules/toy.lamp.yaml",
    "examples/modules/toy.nested.deep_one.plan.json",
    "examples/modules/toy.nested.deep_one.yaml",
  ]);
  const catalog = files.get("catalog.gen.ts") ?? "";
  assert.match(catalog, /Generated .* `deno task generate`/s);
  assert.deepEqual(
    [...catalog.matchAll(/^import (\w+) from "(.*)";$/gm)]
      .map(([, name, path]) => `${name} ${path}`),
    [
      "modules_toy_lamp ./modules/toy/lamp.ts",
      "modules_toy_nested_deep_one ./modules/toy/nested/deep_one.ts",
      "workflows_types_wall ./workflows/types/wall.ts",
      "workflows_triggers_dusk ./workflows/triggers/dusk.ts",
    ],
  );
  const plan = JSON.parse(files.get("examples/house/house.plan.json") ?? "");
  assert.equal(plan.id, "house");
  assert.match(
    files.get("examples/modules/toy.lamp.yaml") ?? "",
    /^# Shown\.\n#\n# toy\.lamp: Does nothing\.\n.*\n\nmodules:\n {2}- name: a\n/,
  );
});

Deno.test("write() writes what differs, once, and outOfDate() names it", async () => {
  await using folder = await root(SMALL);
  const generated = await generate(folder.path);
  const wanted = await outOfDate(folder.path, generated);
  assert.deepEqual(wanted, [...generated.files.keys()].sort());
  assert.deepEqual(await write(folder.path, generated), wanted);
  assert.deepEqual(await outOfDate(folder.path, generated), []);
  await put(folder.path, "docs/modules/toy.lamp.md", "# Mine\n");
  assert.deepEqual(await outOfDate(folder.path, generated), [
    "docs/modules/toy.lamp.md",
  ]);
});

Deno.test("write() removes what was generated for what is gone, and nothing else", async () => {
  await using folder = await root({
    ...SMALL,
    "docs/modules/toy.gone.md": "",
    "docs/problems/gone.md": "",
    "docs/format.md": "",
    "examples/modules/toy.gone.yaml": "",
    "examples/house/gone.plan.json": "",
    "examples/house/README.md": "",
  });
  const generated = await generate(folder.path);
  assert.deepEqual(generated.stale, [
    "docs/modules/toy.gone.md",
    "docs/problems/gone.md",
    "examples/house/gone.plan.json",
    "examples/modules/toy.gone.yaml",
  ]);
  await write(folder.path, generated);
  await assert.rejects(
    Deno.stat(join(folder.path, "docs/problems/gone.md")),
    Deno.errors.NotFound,
  );
  await Deno.stat(join(folder.path, "docs/format.md"));
  await Deno.stat(join(folder.path, "examples/house/README.md"));
});

Deno.test("generate() refuses a definition in the wrong place, naming every file", async () => {
  await using folder = await root({
    "modules/toy/lamp.ts": source("toy.lmap"),
    "modules/toy/wall.ts": source("toy.wall", "WorkflowType"),
    "modules/toy/nothing.ts": "export const nothing = 1;\n",
    "workflows/triggers/dusk.ts": source("sunset", "Trigger"),
  });
  await assert.rejects(generate(folder.path), {
    message: `Cannot use the definitions:
modules/toy/lamp.ts defines "toy.lmap": its path says "toy.lamp"
modules/toy/nothing.ts has no definition as its default export
modules/toy/wall.ts defines a workflow: its folder is for a module
workflows/triggers/dusk.ts defines "sunset": its path says "dusk"`,
  });
});

Deno.test("generate() reports an example that cannot be planned, and makes the rest", async () => {
  await using folder = await root({
    ...SMALL,
    "examples/house/house.yaml": "modules: [{ name: l, type: toy.lmap }]\n",
    "examples/house/house.plan.json": "{}\n",
  });
  const { files, faults, stale } = await generate(folder.path);
  assert.equal(faults.length, 1);
  assert.match(
    faults[0] ?? "",
    /^examples\/house\/house\.yaml:1:28 {2}error {2}unknown-type /,
  );
  assert.ok(files.has("catalog.gen.ts"));
  assert.equal(files.has("examples/house/house.plan.json"), false);
  assert.deepEqual(stale, []);
});

Deno.test("generate() writes the files of examples beside them, if they agree", async () => {
  const withFile = (type: string, text: string) =>
    source(type).replace(
      "title:",
      `files: { "./parts/a.ts": "${text}" }, title:`,
    );
  await using folder = await root({
    "modules/toy/lamp.ts": withFile("toy.lamp", "one"),
    "modules/toy/lantern.ts": withFile("toy.lantern", "one"),
  });
  const { files, faults } = await generate(folder.path);
  assert.match(
    files.get("examples/modules/parts/a.ts") ?? "",
    /^\/\*\* .*Generated by `deno task generate`\. \*\/\none$/,
  );
  assert.match(files.get("docs/modules/toy.lamp.md") ?? "", /```ts\none\n```/);
  assert.deepEqual(faults, []);
  await using other = await root({
    "modules/toy/lamp.ts": withFile("toy.lamp", "one"),
    "modules/toy/lantern.ts": withFile("toy.lantern", "two"),
  });
  assert.deepEqual((await generate(other.path)).faults, [
    "examples/modules/parts/a.ts is not the same in the example of toy.lantern",
  ]);
});

Deno.test("generate.ts --check fails with the files that are out of date", async () => {
  await using folder = await root(SMALL);
  const run = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", join(import.meta.dirname ?? "", "generate.ts")],
        ...["--root", folder.path, ...args],
      ],
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, stdout: text(stdout), stderr: text(stderr) };
  };
  const before = await run("--check");
  assert.equal(before.code, 1);
  assert.match(before.stderr, /Out of date.*\n {2}catalog\.gen\.ts\n/);
  const written = await run();
  assert.equal(written.code, 0);
  assert.match(written.stdout, /^catalog\.gen\.ts$/m);
  assert.deepEqual(await run("--check"), { code: 0, stdout: "", stderr: "" });
});
