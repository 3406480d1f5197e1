import assert from "node:assert/strict";
import fc from "fast-check";
import { editDocument } from "./edit.ts";
import { parse } from "./parse.ts";

function edit(
  text: string,
  change: (value: Record<string, unknown>) => unknown,
): string {
  const { document } = parse(text, "a.yaml");
  assert.ok(document);
  const value = structuredClone(document.value) as Record<string, unknown>;
  return editDocument(
    document,
    (change(value) ?? value) as Record<string, unknown>,
  );
}

const TEXT = `# The shop
modules:
  - name: web   # listens
    type: http.server
    config:
      address: ":8080"  # everywhere

  - name: router
    type: http.router

workflows: {}   # nothing yet
`;

type Modules = { modules: { name: string; config: Record<string, unknown> }[] };

Deno.test("editDocument() changes one value and no other byte", () => {
  const edited = edit(TEXT, (value) => {
    (value as Modules).modules[0]!.config.address = ":9090";
  });
  assert.equal(edited, TEXT.replace('":8080"', '":9090"'));
});

Deno.test("editDocument() returns the same bytes when nothing changed", () => {
  assert.equal(edit(TEXT, () => {}), TEXT);
});

Deno.test("editDocument() adds a key behind its last neighbour", () => {
  const edited = edit(TEXT, (value) => {
    (value as Modules).modules[0]!.config.port = 1;
  });
  assert.equal(
    edited,
    TEXT.replace("# everywhere\n", "# everywhere\n      port: 1\n"),
  );
});

Deno.test("editDocument() adds a list item with the indentation of the list", () => {
  const edited = edit(TEXT, (value) => {
    (value as Modules).modules.push({ name: "extra", config: { a: [1] } });
  });
  assert.equal(
    edited,
    TEXT.replace(
      "type: http.router\n",
      "type: http.router\n  - name: extra\n    config:\n      a:\n        - 1\n",
    ),
  );
});

Deno.test("editDocument() removes a key with its lines", () => {
  const edited = edit(TEXT, (value) => {
    delete value.workflows;
  });
  assert.equal(edited, TEXT.replace("workflows: {}   # nothing yet\n", ""));
});

Deno.test("editDocument() keeps Windows line ends", () => {
  const edited = edit(TEXT.replaceAll("\n", "\r\n"), (value) => {
    (value as Modules).modules.push({ name: "extra", config: {} });
  });
  assert.equal(edited.replaceAll("\r\n", "").includes("\n"), false);
});

Deno.test("editDocument() prints anew what splices cannot express", () => {
  const shared = "modules: &m\n  - name: a\nlinks: *m\n";
  const edited = edit(shared, (value) => ({ ...value, links: [] }));
  const { document } = parse(edited, "a.yaml");
  assert.deepEqual(document?.value, { modules: [{ name: "a" }], links: [] });
});

Deno.test("editDocument() always parses to what was asked for", () => {
  const leaf = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
  );
  const tree = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(tie("node"), { maxLength: 3 }),
      fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), tie("node"), {
        maxKeys: 4,
      }),
    ),
  })).node;
  const root = fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), tree, {
    minKeys: 1,
    maxKeys: 4,
  });
  fc.assert(
    fc.property(root, root, (before, after) => {
      const { document } = parse(
        editDocument(parse("x: 1\n", "a").document!, before),
        "a",
      );
      assert.ok(document);
      const { document: edited } = parse(editDocument(document, after), "a");
      assert.deepEqual(edited?.value, JSON.parse(JSON.stringify(after)));
    }),
    { numRuns: 300 },
  );
});

Deno.test("editDocument() changes what an anchor holds where all users change", () => {
  const shared = "a: &x [1, 2] # both\nb: *x\nc: *x\n";
  const list = [1, 2, 3];
  assert.equal(
    edit(shared, () => ({ a: list, b: list, c: list })),
    "a: &x [1, 2, 3] # both\nb: *x\nc: *x\n",
  );
  assert.equal(
    edit(shared, () => ({ a: [1, 2], b: list, c: [1, 2] })),
    "a: &x [1, 2] # both\nb: [1, 2, 3]\nc: *x\n",
  );
});

Deno.test("editDocument() moves items with their comments", () => {
  const text = "list:\n  # a\n  - a\n  - b # b\n  - c\n";
  assert.equal(
    edit(text, () => ({ list: ["c", "a", "b"] })),
    "list:\n  - c\n  # a\n  - a\n  - b # b\n",
  );
});

Deno.test("editDocument() changes many places of a long document at once", () => {
  const text = Array.from({ length: 1_000 }, (_, at) => `k${at}: { a: 1 }\n`);
  const edited = edit(text.join(""), (value) => {
    for (const entry of Object.values(value)) Object.assign(entry!, { b: 2 });
  });
  assert.equal(edited, text.join("").replaceAll("a: 1 }", "a: 1, b: 2 }"));
});
