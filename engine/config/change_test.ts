import assert from "node:assert/strict";
import { changeDocument } from "./change.ts";
import { parse } from "./parse.ts";
import { after, insert, move, remove, set } from "./_change_fixture_test.ts";

const SHOP = `# The shop
modules:
  # --- HTTP ---
  # Listens to everybody.
  - name: web   # the door
    type: http.server
    config:
      address: ":8080"  # everywhere
      # readTimeout: 5s

  # Picks handlers.
  - name: router
    type: http.router
    dependsOn: [web]

  - name: hello
    type: http.handler

workflows: {}   # nothing yet
`;

Deno.test("set keeps the quotes of its place, and the comment beside it", () => {
  const text = `a: one # 1\nb: "two" # 2\nc: 'three' # 3\nd: 4 # 4\n`;
  assert.equal(
    after(text, [
      set(["a"], "uno"),
      set(["b"], 'd"ue'),
      set(["c"], "it's"),
      set(["d"], true),
    ]),
    `a: uno # 1\nb: "d\\"ue" # 2\nc: 'it''s' # 3\nd: true # 4\n`,
  );
});

Deno.test("set quotes a text that would be something else", () => {
  assert.equal(
    after("a: x\nb: [y, z]\n", [set(["a"], "5"), set(["b", 0], "y, z: {")]),
    'a: "5"\nb: ["y, z: {", z]\n',
  );
});

Deno.test("set with the present value changes nothing", () => {
  assert.equal(after(SHOP, set(["modules", 1, "dependsOn"], ["web"])), SHOP);
  const { document } = parse(SHOP, "a.yaml");
  assert.ok(document);
  const same = changeDocument(document, [set(["workflows"], {})]);
  assert.ok(same.shared === undefined);
  assert.deepEqual(same.splices, []);
});

Deno.test("set keeps block texts as blocks", () => {
  const text = "a: | # code\n    one\n    two\nb: >-\n  folded\n  text\nc: 1\n";
  assert.equal(
    after(text, [
      set(["a"], "one\n\nthree\n"),
      set(["b"], "new text\nand more"),
    ]),
    "a: | # code\n    one\n\n    three\nb: >-\n  new text\n\n  and more\nc: 1\n",
  );
});

Deno.test("set makes what has to be around a value", () => {
  assert.equal(
    after(SHOP, set(["modules", 2, "config", "body", "kind"], "json")),
    SHOP.replace(
      "type: http.handler\n",
      "type: http.handler\n    config:\n      body:\n        kind: json\n",
    ),
  );
  assert.equal(
    after(SHOP, set(["workflows", "http", "routes", 0, "path"], "/")),
    SHOP.replace(
      "workflows: {}   # nothing yet\n",
      "workflows:   # nothing yet\n  http:\n    routes:\n      - path: /\n",
    ),
  );
  assert.equal(
    after("a:   # todo\n", set(["a", "b"], 1)),
    "a:   # todo\n  b: 1\n",
  );
});

Deno.test("set of a map or list changes what differs in it", () => {
  const config = { address: ":80", readTimeout: "5s" };
  assert.equal(
    after(SHOP, set(["modules", 0, "config"], config)),
    SHOP.replace(
      '":8080"  # everywhere\n',
      '":80"  # everywhere\n      readTimeout: 5s\n',
    ),
  );
});

Deno.test("set refuses a place that cannot be", () => {
  assert.throws(
    () => after(SHOP, set(["modules", 9, "name"], "x")),
    /Cannot set modules\[9\].name: modules has no such place/,
  );
  assert.throws(
    () => after(SHOP, set(["modules", 0, "name", "x"], 1)),
    RangeError,
  );
});

Deno.test("remove takes an entry with its comments, and one of two gaps", () => {
  assert.equal(
    after(SHOP, remove("modules", 1)),
    SHOP.replace(/ {2}# Picks handlers[^]*\[web\]\n\n/, ""),
  );
});

Deno.test("remove leaves a heading, and takes what is indented deeper", () => {
  assert.equal(
    after(SHOP, remove("modules", 0)),
    SHOP.replace(/ {2}# Listens[^]*readTimeout: 5s\n\n/, ""),
  );
});

Deno.test("remove of the first key of an item keeps the dash", () => {
  assert.equal(
    after(SHOP, remove("modules", 1, "name")),
    SHOP.replace("- name: router\n    type", "- type"),
  );
});

Deno.test("remove of the last entry leaves {} or [], unless it is to be pruned", () => {
  const config = ["modules", 0, "config", "address"];
  assert.equal(
    after(SHOP, remove(...config)),
    SHOP.replace(/config:\n.*\n.*\n/, "config: {}\n"),
  );
  assert.equal(
    after(SHOP, { do: "remove", path: config, prune: true }),
    SHOP.replace(/ {4}config:\n.*\n.*\n/, ""),
  );
  assert.equal(
    after(SHOP, remove("modules", 1, "dependsOn", 0)),
    SHOP.replace("[web]", "[]"),
  );
  assert.equal(after("a: 1 # b\n", remove("a")), "{}\n");
});

Deno.test("remove of what is not there changes nothing", () => {
  assert.equal(after(SHOP, remove("modules", 7, "x")), SHOP);
});

Deno.test("insert prints an item like its neighbours", () => {
  const item = { name: "extra", type: "http.handler" };
  const printed = "  - name: extra\n    type: http.handler\n";
  assert.equal(
    after(SHOP, insert(["modules"], item)),
    SHOP.replace("http.handler\n", `http.handler\n\n${printed}`),
  );
  assert.equal(
    after(SHOP, insert(["modules"], item, 1)),
    SHOP.replace("  # Picks", `${printed}\n  # Picks`),
  );
  const flow = `a:\n  - { b: 1, c: 'x' }\n  - { b: 2 }\nd: ["x", "y"] # z\n`;
  assert.equal(
    after(flow, [
      insert(["a"], { b: 3, c: ["e"] }),
      insert(["d"], "z"),
      insert(["d"], "w", 0),
    ]),
    flow.replace("2 }\n", "2 }\n  - { b: 3, c: [e] }\n")
      .replace('["x", "y"]', '["w", "x", "y", "z"]'),
  );
});

Deno.test("insert makes a list where there is none", () => {
  assert.equal(
    after(SHOP, insert(["modules", 2, "dependsOn"], "web")),
    SHOP.replace("http.handler\n", "http.handler\n    dependsOn: [web]\n"),
  );
});

Deno.test("move takes comments along, and leaves what lies between", () => {
  const text = `list:
  # about a
  - a # 1

  # --- part ---
  - b # 2
  # about c
  - c:
      d: 1
    # end of c
`;
  assert.equal(
    after(text, move(["list"], 2, 0)),
    `list:
  # about c
  - c:
      d: 1
    # end of c

  # --- part ---
  # about a
  - a # 1
  - b # 2
`,
  );
  assert.equal(
    after("a: [x, y, z] # w\n", move(["a"], 0, 2)),
    "a: [y, z, x] # w\n",
  );
  assert.equal(
    after("a: [\n  x, # 1\n  y, # 2\n  z # 3\n]\n", move(["a"], 2, 0)),
    "a: [\n  z, # 3\n  x, # 1\n  y # 2\n]\n",
  );
});

Deno.test("rename changes a key in its place", () => {
  const text = "b: 1 # c\n'a': { x: 2, y: 3 }\n";
  assert.equal(
    after(text, [
      { do: "rename", path: ["a", "x"], to: "z: 1" },
      { do: "rename", path: ["a"], to: "it's" },
      { do: "rename", path: ["b"], to: "5" },
    ]),
    `"5": 1 # c\n'it''s': { "z: 1": 2, y: 3 }\n`,
  );
  assert.throws(
    () => after(text, { do: "rename", path: ["a", "x"], to: "y" }),
    /Cannot rename a.x: "y" is there already/,
  );
});

Deno.test("Windows line ends stay", () => {
  const text = SHOP.replaceAll("\n", "\r\n");
  const changes = [
    insert(["modules"], { name: "x", config: { a: [1], b: "two\nlines" } }),
    remove("modules", 0, "config", "address"),
    move(["modules"], 0, 1),
    set(["workflows", "http"], { routes: [] }),
  ];
  assert.equal(
    after(text, changes),
    after(SHOP, changes).replaceAll("\n", "\r\n"),
  );
});

Deno.test("a document without a line end at its end has none afterwards", () => {
  assert.equal(after("a: 1\nb: 2", set(["c"], 3)), "a: 1\nb: 2\nc: 3");
  assert.equal(after("a: 1\nb: 2", remove("b")), "a: 1");
  assert.equal(after("- a\n- b", move([], 0, 1)), "- b\n- a");
});

Deno.test("JSON stays JSON", () => {
  const text = `{
  "modules": [
    { "name": "a", "x": null },
    {
      "name": "b"
    }
  ],
  "empty": []
}
`;
  const changed = after(text, [
    set(["modules", 0, "x"], "it's: new"),
    insert(["modules"], { name: "c", config: { y: [1] } }),
    remove("modules", 1),
    insert(["empty"], "z"),
    set(["workflows", "http"], {}),
  ]);
  assert.deepEqual(JSON.parse(changed), {
    modules: [
      { name: "a", x: "it's: new" },
      { name: "c", config: { y: [1] } },
    ],
    empty: ["z"],
    workflows: { http: {} },
  });
  assert.ok(changed.startsWith('{\n  "modules": [\n    { "name": "a"'));
});

Deno.test("tabs in comments, unicode and odd keys are left alone", () => {
  const text = "a: 1\t# tab\there\n\"a.b\": x # 🎉\n'5': é\n6.5: z\n";
  assert.equal(
    after(text, [set(["a.b"], "ü"), set(["5"], "ö"), set(["a"], 2)]),
    "a: 2\t# tab\there\n\"a.b\": ü # 🎉\n'5': ö\n6.5: z\n",
  );
});

Deno.test("brackets over several lines keep their layout", () => {
  const text = `a: {
  b: 1, # one
  c: [
    x,
    y, # why
  ],
  d: 2 # two
}
`;
  assert.equal(
    after(text, [
      insert(["a", "c"], "z"),
      remove("a", "b"),
      set(["a", "e"], 3),
    ]),
    `a: {
  c: [
    x,
    y, # why
    z,
  ],
  d: 2, # two
  e: 3
}
`,
  );
  assert.equal(
    after(text, remove("a", "d")),
    text.replace("  ],\n  d: 2 # two\n", "  ]\n"),
  );
});

Deno.test("a map that is written in an unusual way is printed anew, no more", () => {
  const text = "# top\na: # kept\n  ? b\n  : 1\nc: 2 # too\n";
  assert.equal(
    after(text, set(["a", "d"], 3)),
    "# top\na: # kept\n  b: 1\n  d: 3\nc: 2 # too\n",
  );
});

Deno.test("an empty document gets what is set", () => {
  assert.equal(
    after("# only a comment\n", set(["modules"], [])),
    "# only a comment\nmodules: []\n",
  );
});

Deno.test("changes are made one after the other, or none of them", () => {
  assert.equal(
    after("a: [1, 2, 3]\n", [remove("a", 0), remove("a", 0), set(["a", 0], 4)]),
    "a: [4]\n",
  );
});

Deno.test("many references are changed quickly", () => {
  const items = Array.from({ length: 500 }, (_, index) => `  - a: ${index}\n`);
  const changes = items.map((_, index) => set(["list", index, "a"], "x"));
  assert.equal(
    after(`list:\n${items.join("")}`, changes),
    `list:\n${"  - a: x\n".repeat(500)}`,
  );
});

Deno.test("a tag goes with the value that it speaks of", () => {
  assert.equal(after("a: !!str 5 # b\n", set(["a"], 6)), "a: 6 # b\n");
});
