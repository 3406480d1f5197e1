import assert from "node:assert/strict";
import { join } from "node:path";
import plugin from "./lint_plugin.ts";

const ROOT = join(import.meta.dirname!, "..");

/** Lints one file as a part of the project, with the project's own settings. */
async function lint(
  path: string,
  source: string,
): Promise<{ readonly isClean: boolean; readonly output: string }> {
  const copy = await Deno.makeTempDir({ prefix: "lint_plugin_test_" });
  try {
    for (const file of await projectFiles()) await copyInto(copy, file);
    const target = join(copy, path);
    await Deno.mkdir(join(target, ".."), { recursive: true });
    await Deno.writeTextFile(target, source);
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["lint", "--compact", path],
      cwd: copy,
      env: { NO_COLOR: "1" },
    }).output();
    const output = new TextDecoder().decode(stdout) +
      new TextDecoder().decode(stderr);
    return { isClean: code === 0, output };
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
}

/** What the linter needs of the project: its settings and the plugin. */
async function projectFiles(): Promise<string[]> {
  const files = ["deno.json", "tools/lint_plugin.ts"];
  for await (const { name } of Deno.readDir(join(ROOT, "tools/lint"))) {
    files.push(`tools/lint/${name}`);
  }
  return files;
}

async function copyInto(folder: string, file: string): Promise<void> {
  await Deno.mkdir(join(folder, file, ".."), { recursive: true });
  await Deno.copyFile(join(ROOT, file), join(folder, file));
}

Deno.test("deno lint fails when a forbidden import is added", async () => {
  const source = 'import { plan } from "./plan.ts";\n\nplan();\n';
  const before = await lint("engine/boot.ts", source);
  assert.ok(before.isClean, before.output);

  const forbidden = source.replace("./plan.ts", "../modules/http/server.ts");
  const after = await lint("engine/boot.ts", forbidden);
  assert.ok(!after.isClean, after.output);
  assert.match(after.output, /engine\/boot\.ts: line 1, col 22/);
  assert.match(after.output, /workflow\/import-direction/);
});

Deno.test("deno lint fails when code takes the time from its surroundings", async () => {
  const { isClean, output } = await lint(
    "modules/http/server.ts",
    "export const startedAt = Date.now();\n",
  );
  assert.ok(!isClean, output);
  assert.match(output, /workflow\/no-ambient/);
});

Deno.test("deno lint refuses a dependency beside the import map", async () => {
  const { isClean, output } = await lint(
    "cli/wfctl.ts",
    'import { parse } from "npm:yaml@2";\n\nparse("a");\n',
  );
  assert.ok(!isClean, output);
  assert.match(output, /no-import-prefix/);
});

Deno.test("the plugin holds every rule below tools/lint/", async () => {
  const rules = new Set<unknown>(Object.values(plugin.rules));
  let count = 0;
  for await (const { name } of Deno.readDir(join(ROOT, "tools/lint"))) {
    if (name.endsWith("_test.ts")) continue;
    const exports: object = await import(`./lint/${name}`);
    for (const [key, value] of Object.entries(exports)) {
      if (typeof value !== "object" || !("create" in value)) continue;
      assert.ok(rules.has(value), `${key} of ${name} is no rule of the plugin`);
      count++;
    }
  }
  assert.equal(count, rules.size);
});
