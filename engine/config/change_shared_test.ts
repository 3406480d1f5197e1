import assert from "node:assert/strict";
import { type Change, changeDocument, type SharedPlace } from "./change.ts";
import { parse } from "./parse.ts";
import { after, insert, move, remove, set } from "./_change_fixture_test.ts";

/** Who would have to agree to a change. */
function sharedBy(text: string, change: Change): SharedPlace {
  const { document } = parse(text, "a.yaml");
  assert.ok(document);
  const { shared } = changeDocument(document, [change]);
  assert.ok(shared !== undefined);
  return shared;
}

const SHARED = `first:
  list: &open # shared
    - a
    - b
second: { list: *open }
third:
  list: *open # too
base: &base { x: 1, y: { z: 2 } }
merged:
  <<: *base
  w: 3
`;

Deno.test("a place that is shared asks who is to change", () => {
  assert.deepEqual(sharedBy(SHARED, insert(["third", "list"], "c")), {
    path: ["third", "list"],
    users: [["first", "list"], ["second", "list"], ["third", "list"]],
  });
  assert.deepEqual(sharedBy(SHARED, set(["first", "list", 0], "c")).users, [
    ["first", "list", 0],
    ["second", "list", 0],
    ["third", "list", 0],
  ]);
  assert.deepEqual(sharedBy(SHARED, set(["merged", "x"], 5)).users, [
    ["base", "x"],
    ["merged", "x"],
  ]);
});

Deno.test("all users change where the anchor holds the value", () => {
  const options = { shared: "all" } as const;
  assert.equal(
    after(SHARED, [
      insert(["third", "list"], "c"),
      set(["merged", "y", "z"], 5),
    ], options),
    SHARED.replace("- b\n", "- b\n    - c\n").replace("z: 2", "z: 5"),
  );
});

Deno.test("one user gets a text of its own", () => {
  const options = { shared: "override" } as const;
  assert.equal(
    after(SHARED, [
      insert(["third", "list"], "c"),
      set(["second", "list", 0], "d"),
      set(["merged", "x"], 5),
    ], options),
    SHARED.replace(
      "list: *open # too",
      "list: # too\n    - a\n    - b\n    - c",
    )
      .replace("{ list: *open }", "{ list: [d, b] }")
      .replace("w: 3\n", "w: 3\n  x: 5\n"),
  );
});

Deno.test("the next user takes over an anchor whose place changes or goes", () => {
  const options = { shared: "override" } as const;
  const taken = "second: { list: &open [a, b] }\n";
  assert.equal(
    after(SHARED, remove("first")),
    SHARED.replace(/^first[^]*second: .*\n/, taken),
  );
  assert.equal(
    after(SHARED, set(["first", "list", 1], "c"), options),
    SHARED.replace("list: &open", "list:").replace("- b\n", "- c\n")
      .replace("{ list: *open }", "{ list: &open [a, b] }"),
  );
});

Deno.test("an anchor changes places with its alias when an item is moved", () => {
  const text = `- k: &x
    # inner
    a: 1
- k: *x # alias
- z
`;
  assert.equal(
    after(text.replaceAll(/^/gm, "  ").replace(/^/, "list:\n").trimEnd(), [
      move(["list"], 0, 2),
    ]),
    `list:
  - k: &x # alias
      a: 1
  - z
  - k: *x`,
  );
});

Deno.test("a merged key can be removed from one map", () => {
  const options = { shared: "override" } as const;
  const text = after(SHARED, remove("merged", "x"), options);
  assert.ok(text.endsWith("merged:\n  w: 3\n  y:\n    z: 2\n"), text);
});

Deno.test("an anchor in a merged map is handed on when its map is emptied", () => {
  const text = "o:\n  <<: &x\n    b: 1\n  z: 1\np:\n  <<: [*x, { q: 9 }]\n";
  assert.equal(
    after(text, set(["o"], {}), { shared: "override" }),
    "o: {}\np:\n  <<: [&x { b: 1 }, { q: 9 }]\n",
  );
});

Deno.test("a merge is no text to be made something else", () => {
  assert.throws(
    () => after(SHARED, set(["base"], 5), { shared: "all" }),
    /Cannot replace base: other maps merge it/,
  );
});
