/**
 * Changes on every document of the corpus and of the examples: byte for byte only
 * what has to differ differs, and everything can be taken back.
 */
import assert from "node:assert/strict";
import { type Change, type Changed, changeDocument } from "./change.ts";
import type { Document } from "./document.ts";
import { formatPath, type Path } from "./problem.ts";
import { applySplices, composeSplices, invertSplices } from "./splice.ts";
import { isMap, valueAt } from "./value_path.ts";
import { FILES, parsed, read } from "./_corpus_fixture_test.ts";

type Done = Exclude<Changed, { readonly shared: object }>;

function change(document: Document, ...changes: Change[]): Done {
  const changed = changeDocument(document, changes, { shared: "all" });
  assert.ok(changed.shared === undefined);
  assert.equal(applySplices(document.text, changed.splices), changed.text);
  return changed;
}

function modulesOf(document: Document): readonly Record<string, unknown>[] {
  const modules = valueAt(document.value, ["modules"]);
  return Array.isArray(modules) ? modules.filter(isMap) : [];
}

/** The paths of all values below one that are no maps or lists with entries. */
function scalarPaths(value: unknown, path: Path): Path[] {
  if (value === null || typeof value !== "object") return [path];
  return Object.entries(value).flatMap(([key, inner]) =>
    scalarPaths(inner, [...path, Array.isArray(value) ? Number(key) : key])
  );
}

/** The lines of the value at a path, counted from 0. */
function linesOf(document: Document, path: Path): [number, number] {
  const { line } = document.problem({
    code: "invalid-value",
    message: "",
    path,
  });
  const value = valueAt(document.value, path);
  const count = typeof value === "string" ? value.split("\n").length + 1 : 1;
  return [line - 1, line - 1 + count];
}

Deno.test("the corpus is here", () => {
  assert.ok(FILES.filter((file) => file.startsWith("tests/")).length >= 20);
  assert.ok(FILES.length > 60);
});

for (const file of FILES) {
  Deno.test(`a new value in ${file} changes its own lines only`, () => {
    const document = read(file);
    for (const index of modulesOf(document).keys()) {
      const head = ["modules", index, "config"];
      const config = valueAt(document.value, head);
      for (
        const path of config === undefined ? [] : scalarPaths(config, head)
      ) {
        const before = valueAt(document.value, path);
        const value = typeof before === "number"
          ? before + 1
          : typeof before === "boolean"
          ? !before
          : `${before ?? ""}x: new, #1`;
        const { text } = change(document, { do: "set", path, value });
        assert.deepEqual(valueAt(parsed(text).value, path), value);
        assertSameLines(document, text, path);
      }
    }
  });
}

function assertSameLines(document: Document, text: string, path: Path): void {
  const [from, to] = linesOf(document, path);
  const before = document.text.split("\n");
  const after = text.split("\n");
  const name = `${document.file} ${formatPath(path)}`;
  assert.deepEqual(after.slice(0, from), before.slice(0, from), name);
  const isText = to - from > 1 &&
    String(valueAt(document.value, path)).includes("\n");
  if (isText) {
    assert.ok(text.endsWith(before.slice(to).join("\n")), name);
    return;
  }
  assert.equal(after.length, before.length, name);
  assert.deepEqual(after.slice(from + 1), before.slice(from + 1), name);
  assert.notEqual(after[from], before[from], name);
}

Deno.test("a module can be removed, put back and added to every document", () => {
  for (const file of FILES) {
    const document = read(file);
    const modules = modulesOf(document);
    for (const [index, module] of modules.entries()) {
      const path = ["modules", index];
      const removed = parsed(change(document, { do: "remove", path }).text);
      const rest = modules.filter((other) => other !== module);
      assert.deepEqual(modulesOf(removed), rest, `${file} ${index}`);
      const insert = { do: "insert", path: ["modules"], index, value: module };
      const back = change(removed, insert as Change);
      assert.deepEqual(parsed(back.text).value, document.value);
    }
    const extra = { name: "extra", type: "http.router", config: { a: [1] } };
    const added = change(document, {
      do: "insert",
      path: ["modules"],
      value: extra,
    });
    assert.equal(added.splices.length, 1, file);
    assert.deepEqual(modulesOf(parsed(added.text)).at(-1), extra);
  }
});

/** Mulberry32: the same numbers for the same seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function randomChange(value: unknown, next: () => number): Change {
  const places = allPaths(value, []);
  const path = places[Math.floor(next() * places.length)] ?? [];
  const here = valueAt(value, path);
  const shared = next() < 0.5 ? "all" : "override";
  const pick = next();
  if (Array.isArray(here) && here.length > 1 && pick < 0.6) {
    const at = () => Math.floor(next() * here.length);
    return { do: "move", path, from: at(), to: at(), shared };
  }
  if (Array.isArray(here) && pick < 0.9) {
    const index = Math.floor(next() * (here.length + 1));
    return { do: "insert", path, index, value: randomValue(next), shared };
  }
  if (isMap(here) && pick < 0.5) {
    const key = `new ${Math.floor(next() * 1_000)}`;
    const inner = [...path, key];
    return { do: "set", path: inner, value: randomValue(next), shared };
  }
  if (path.length > 0 && pick < 0.3) return { do: "remove", path, shared };
  if (typeof path.at(-1) === "string" && pick < 0.4) {
    return { do: "rename", path, to: `other: ${pick}`, shared };
  }
  if (path.length === 0) return { do: "set", path: ["new"], value: 1 };
  return { do: "set", path, value: randomValue(next), shared };
}

function allPaths(value: unknown, path: Path): Path[] {
  if (value === null || typeof value !== "object") return [path];
  const inner = Object.entries(value).flatMap(([key, item]) =>
    allPaths(item, [...path, Array.isArray(value) ? Number(key) : key])
  );
  return [path, ...inner];
}

const VALUES: readonly unknown[] = [
  "plain",
  "",
  "with: colon",
  "two\nlines",
  "ends\n",
  "many\n\n\n",
  "  indented\n  twice\n",
  "# no comment",
  "*no alias",
  "<<",
  "émoji 🎉",
  "5",
  5,
  -0.5,
  true,
  null,
  [],
  {},
  ["a", "b"],
  [{ a: 1, b: ["x", {}] }, []],
  { a: 1, b: { c: "d, e", f: ["g\nh", null] } },
  { "<<": "text", "": 0, "a b": "\t" },
];

function randomValue(next: () => number): unknown {
  return VALUES[Math.floor(next() * VALUES.length)];
}

Deno.test("a thousand random changes can be undone and redone to the byte", () => {
  const next = random(Number(Deno.env.get("CHANGE_SEED") ?? 1));
  const rounds = Number(Deno.env.get("CHANGE_ROUNDS") ?? 1_000);
  let document = read(FILES[0] ?? "");
  let first = document.text;
  let whole: ReturnType<typeof composeSplices> = [];
  for (let round = 0; round < rounds; round++) {
    if (round % 8 === 0) {
      const file = FILES[Math.floor(next() * FILES.length)] ?? "";
      document = next() < 0.5
        ? read(file)
        : parsed(read(file).text.replaceAll("\n", "\r\n"));
      first = document.text;
      whole = [];
    }
    const wanted = randomChange(document.value, next);
    const { text, splices } = change(document, wanted);
    const back = invertSplices(document.text, splices);
    assert.equal(applySplices(text, back), document.text);
    assert.equal(applySplices(applySplices(text, back), splices), text);
    whole = composeSplices(whole, splices);
    assert.equal(applySplices(first, whole), text);
    const isWindows = first.includes("\r\n");
    assert.ok(!isWindows || !/[^\r]\n/.test(text), "a line end changed");
    document = parsed(text);
  }
});
