import assert from "node:assert/strict";
import { join } from "node:path";
import { type ProjectFile, untidiness } from "./tidy.ts";

const ROOT = join(import.meta.dirname!, "..");
const TOP = "/** Why this exists. */\n";

/** The files of the project as git sees them, new ones included. */
async function projectFiles(): Promise<ProjectFile[]> {
  const { success, stdout, stderr } = await new Deno.Command("git", {
    args: ["ls-files", "-co", "--exclude-standard", "-z"],
    cwd: ROOT,
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const files: ProjectFile[] = [];
  for (const path of new TextDecoder().decode(stdout).split("\0")) {
    if (!/\.(?:tsx?|md|ya?ml|json)$/.test(path)) continue;
    const text = await readIfPresent(join(ROOT, path));
    if (text !== undefined) files.push({ path, text });
  }
  return files;
}

/** Git lists a file that was deleted until the deletion is committed. */
async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function problems(path: string, text: string): string[] {
  return untidiness({ path, text });
}

Deno.test("every file of the project is tidy", async () => {
  const files = await projectFiles();
  assert.ok(files.some(({ path }) => path === "tools/tidy_test.ts"));
  assert.deepEqual(files.flatMap(untidiness), []);
});

Deno.test("untidiness() wants a reason on top of a long file of the engine", () => {
  const long = "a();\n".repeat(400);
  assert.deepEqual(problems("engine/plan.ts", TOP + long), [
    'engine/plan.ts:401 has more than 400 lines: split it, or write "Longer than 400 lines because …" on top',
  ]);
  const reason =
    "/**\n * Plans. Longer than 400 lines\n * because tables are long.\n */\n";
  assert.deepEqual(problems("engine/plan.ts", reason + long), []);
  assert.deepEqual(problems("engine/plan.ts", TOP + long.slice(5)), []);
  assert.deepEqual(problems("modules/http/server.ts", TOP + long), []);
});

Deno.test("untidiness() wants a comment on top of each file but tests", () => {
  assert.deepEqual(problems("cli/run.ts", "run();\n"), [
    "cli/run.ts:1 has no comment on top that says why it exists",
  ]);
  assert.deepEqual(problems("cli/run_test.ts", "run();\n"), []);
  assert.deepEqual(problems("cli/run.ts", `#!/usr/bin/env deno\n${TOP}`), []);
  assert.deepEqual(problems("cli/run.ts", `// A directive.\n${TOP}`), []);
});

Deno.test("untidiness() wants file names in snake_case", () => {
  const refused = [
    "cli/runAll.ts",
    "cli/run-all.ts",
    "cli/Run.ts",
    "cli/run.test.ts",
  ];
  for (const path of refused) {
    assert.deepEqual(problems(path, TOP), [
      `${path}:1 has a name that is not in snake_case`,
    ]);
  }
  for (
    const path of [
      "cli/run_all.ts",
      "modules/http/_pattern.ts",
      "islands/a.d.ts",
    ]
  ) {
    assert.deepEqual(problems(path, TOP), []);
  }
});

Deno.test("untidiness() finds deferred work", () => {
  const mark = ["TO", "DO"].join("");
  assert.deepEqual(problems("cli/run.ts", `${TOP}// ${mark}: later.\n`), [
    "cli/run.ts:2 defers work without a link to where it is tracked",
  ]);
  assert.deepEqual(problems("README.md", `${mark}: write this.\n`), [
    "README.md:1 defers work without a link to where it is tracked",
  ]);
  const linked = `${TOP}// ${mark}(https://example.com/tracker/7): later.\n`;
  assert.deepEqual(problems("cli/run.ts", linked), []);
});

Deno.test("untidiness() finds marks of defects", () => {
  for (const letters of ["FIX ME", "XX X", "HA CK"]) {
    const mark = letters.replace(" ", "");
    assert.deepEqual(problems("cli/run.ts", `${TOP}// ${mark} this.\n`), [
      "cli/run.ts:2 marks a defect: mend it",
    ]);
  }
});

Deno.test("untidiness() finds banners, dead code and merge marks", () => {
  const dead = [
    "// const a = run();",
    "  // if (a) {",
    "// run(a);",
    "  // return a;",
  ];
  for (const line of dead) {
    assert.deepEqual(problems("cli/run.ts", `${TOP}${line}\n`), [
      "cli/run.ts:2 is code in a comment: git remembers it",
    ]);
  }
  for (const line of ["// ----- parsing", "/* ======= */", " * ******"]) {
    assert.deepEqual(problems("cli/run.ts", `${TOP}${line}\n`), [
      "cli/run.ts:2 is a banner: a file that needs one wants splitting",
    ]);
  }
  for (
    const line of ["<".repeat(7) + " HEAD", "=".repeat(7), ">".repeat(7) + " a"]
  ) {
    assert.deepEqual(problems("cli/run.ts", `${TOP}${line}\n`), [
      "cli/run.ts:2 is left over from a merge",
    ]);
  }
  assert.deepEqual(problems("cli/run.ts", `${TOP}Deno.test.${"only"}(a);\n`), [
    "cli/run.ts:2 keeps every other test from running",
  ]);
});

Deno.test("untidiness() accepts comments that are sentences", () => {
  const lines = [
    "// If a run fails, the next one starts; both are kept.",
    "// The first wins:",
    "//   run(a)",
    " * - a list",
    "const text = `----`;",
    "const url = `https://example.com/work/main_page`;",
  ];
  assert.deepEqual(problems("cli/run.ts", `${TOP}${lines.join("\n")}\n`), []);
});

Deno.test("untidiness() finds paths of one machine in every file", () => {
  const path = ["", "work", "shared/spec"].join("/");
  for (
    const file of ["cli/run.ts", "deno.json", "examples/a.yaml", "README.md"]
  ) {
    assert.deepEqual(
      problems(file, `${TOP}See ${path}\n`),
      [`${file}:2 names a path of one machine`],
    );
  }
});

Deno.test("untidiness() finds prose about how the project was made", () => {
  const refused = {
    "Fixed in issue #12.": "refers to an issue: say what holds instead",
    "The last session added runs.":
      "tells how the project was made: say what holds instead",
    "Sessions share a tree.":
      "tells how the project was made: say what holds instead",
    "See /work/ for more.": "names a path of one machine",
  };
  for (const [line, message] of Object.entries(refused)) {
    assert.deepEqual(problems("docs/a.md", `# A\n\n${line}\n`), [
      `docs/a.md:3 ${message}`,
    ]);
  }
});

Deno.test("untidiness() accepts prose about sign-in and code in prose", () => {
  const text = [
    "Session cookies are HttpOnly; a user session ends after a day.",
    "Set `session` to a name.",
    "```ts",
    "const session = await open();",
    "```",
    "The session token is opaque.",
  ];
  assert.deepEqual(problems("docs/a.md", text.join("\n")), []);
});

Deno.test("untidiness() reads on after code in prose", () => {
  const text = "```ts\nconst a = 1;\n```\n\nIn this session `a` grew.\n";
  assert.deepEqual(problems("docs/a.md", text), [
    "docs/a.md:5 tells how the project was made: say what holds instead",
  ]);
});
