import assert from "node:assert/strict";
import fc from "fast-check";
import { loadToy, toyProblems } from "../../tests/toy_catalog.ts";

const GOOD = `modules:
  - name: lamp
    type: toy.lamp
    config: &lamp { colour: blue, watts: "\${WATTS:-40}", moods: { calm: { level: 3 } } }
  - name: spare
    type: toy.lamp
    config: { <<: *lamp, colour: green }
  - name: switch
    type: toy.switch
    dependsOn: [spare]
    config:
      lamp: lamp
      label: "Hall"
workflows:
  wall:
    lamp: lamp
    switches:
      - { place: hall, switch: switch }
triggers:
  sunset: { at: "20:15" }
`;

Deno.test("validate() finds nothing wrong with a good document", () => {
  const { plan, problems } = loadToy(GOOD);
  assert.deepEqual(problems, []);
  assert.deepEqual(plan?.modules.map(({ name }) => name), [
    "lamp",
    "spare",
    "switch",
  ]);
  assert.equal(plan?.modules[1]?.config.watts, 40);
  assert.equal(plan?.modules[1]?.config.colour, "green");
});

Deno.test("validate() wants one of the known sections", () => {
  for (const text of ["", "~", "3", "[]", "a text", "{}", "lighting: {}"]) {
    assert.deepEqual(toyProblems(text), ["not-a-document 1:1 "], text);
  }
  const [problem, ...rest] = loadToy("module:\n  - name: a\n").problems;
  assert.equal(problem?.nearest, "modules");
  assert.deepEqual(rest, []);
});

Deno.test("validate() takes empty sections", () => {
  for (
    const text of ["modules:", "modules: []", "workflows:", "triggers: {}"]
  ) {
    assert.deepEqual(toyProblems(text), [], text);
  }
});

Deno.test("validate() refuses sections of the wrong shape", () => {
  assert.deepEqual(toyProblems("modules: { a: 1 }"), [
    "invalid-value 1:10 modules",
  ]);
  assert.deepEqual(
    toyProblems("workflows: [a]\ntriggers: 3\nstrict: maybe\n"),
    [
      "invalid-value 1:12 workflows",
      "invalid-value 2:11 triggers",
      "invalid-value 3:9 strict",
    ],
  );
});

Deno.test("validate() warns of an unknown section and names the nearest", () => {
  const { problems } = loadToy("modules: []\nworkflow: {}\n");
  assert.deepEqual(
    problems.map(({ code, severity, line, nearest }) => [
      code,
      severity,
      line,
      nearest,
    ]),
    [["ineffective-key", "warning", 2, "workflows"]],
  );
  assert.equal(
    loadToy("modules: []\nworkflow: {}\n", { strict: true }).problems[0]
      ?.severity,
    "error",
  );
});

Deno.test("validate() reports what is wrong with module entries", () => {
  assert.deepEqual(
    toyProblems(`modules:
  - type: toy.lamp
  - name: a
  -
  - lamp
  - { name: b, type: toy.lamp, config: [1], dependsOn: b, depends: c }
  - { name: "", type: toy.lamp }
  - { name: 7, type: toy.lamp }
`),
    [
      "missing-key 2:5 modules[0].name",
      "missing-key 3:5 modules[1].type",
      "missing-key 4:4 modules[2].name",
      "missing-key 4:4 modules[2].type",
      "invalid-value 5:5 modules[3]",
      "invalid-value 6:40 modules[4].config",
      "invalid-value 6:56 modules[4].dependsOn",
      "ineffective-key 6:59 modules[4].depends",
      "invalid-value 7:13 modules[5].name",
      "invalid-value 8:13 modules[6].name",
    ],
  );
});

Deno.test("validate() takes branches for inert, and a description", () => {
  assert.deepEqual(
    toyProblems(
      "modules: [{ name: a, type: toy.lamp, description: x, branches: {} }]",
    ),
    ["inert-key 1:54 modules[0].branches"],
  );
});

Deno.test("validate() names the first of two modules with one name", () => {
  const { problems } = loadToy(
    "modules:\n  - { name: a, type: toy.lamp }\n  - { name: a, type: toy.lamp }\n",
  );
  assert.deepEqual(
    problems.map(({ code, line, column }) => [code, line, column]),
    [
      ["duplicate-name", 3, 13],
    ],
  );
  assert.match(problems[0]?.message ?? "", /at line 2$/);
});

Deno.test("validate() reports unknown types with the nearest", () => {
  const { problems } = loadToy(
    "modules: [{ name: a, type: toy.lmap, config: { x: 1 } }]\n" +
      "workflows: { wal: {} }\ntriggers: { sunrise: {} }\n",
  );
  assert.deepEqual(
    problems.map(({ code, line, column, nearest }) => [
      code,
      line,
      column,
      nearest,
    ]),
    [
      ["unknown-type", 1, 28, "toy.lamp"],
      ["unknown-workflow-type", 2, 14, "wall"],
      ["unknown-trigger-type", 3, 13, "sunset"],
    ],
  );
});

Deno.test("validate() warns of an experimental type", () => {
  assert.deepEqual(
    toyProblems(
      "modules: [{ name: a, type: toy.panel, config: { mode: day } }]",
    ),
    ["unstable-type 1:28 modules[0].type"],
  );
});

Deno.test("validate() takes the config of a default section, under the module's own", () => {
  const { plan } = loadToy(
    "lighting: { colour: blue, watts: 5 }\n" +
      "modules: [{ name: a, type: toy.lamp, config: { watts: 9 } }, { name: b, type: toy.lamp }]\n",
  );
  assert.deepEqual(
    plan?.modules.map(({ config }) => [config.colour, config.watts]),
    [["blue", 9], ["blue", 5]],
  );
});

Deno.test("validate() checks the sections", () => {
  assert.deepEqual(
    toyProblems(`modules: [{ name: l, type: toy.lamp }]
workflows:
  wall: { switches: [{ switch: l }], colour: red }
triggers:
  sunset: { at: [] }
`),
    [
      "missing-key 3:22 workflows.wall.switches[0].place",
      "wrong-service 3:32 workflows.wall.switches[0].switch",
      "ineffective-key 3:38 workflows.wall.colour",
      "invalid-value 5:17 triggers.sunset.at",
    ],
  );
});

Deno.test("validate() keeps braces of workflows as they are, and expands headers", () => {
  const { plan, problems } = loadToy(
    "modules: [{ name: l, type: toy.lamp }]\n" +
      'workflows: { wall: { note: "${X}", headers: { a: "${X}" } } }\n',
    { env: { X: "y" } },
  );
  assert.deepEqual(problems, []);
  assert.equal(plan?.sections[0]?.config.note, "${X}");
  assert.deepEqual(plan?.sections[0]?.config.headers, { a: "y" });
});

Deno.test("validate() checks links, and says which never fire", () => {
  const good =
    "links: [{ source: a, target: b, link_type: c.*, description: c }]";
  assert.deepEqual(toyProblems(good), []);
  const silent = "links: [{ source: a, target: b, link_type: event_trigger }]";
  assert.deepEqual(toyProblems(silent), ["missing-key 1:9 links[0]"]);
  const link = "{ source: a, target: b, event_pattern: c }";
  assert.deepEqual(toyProblems(`links: [${link}, ${link}]`), [
    "duplicate-name 1:53 links[1]",
  ]);
  assert.deepEqual(toyProblems("links: [{ source: a }]"), [
    "missing-key 1:9 links[0].target",
  ]);
});

Deno.test("validate() reports an unset variable once", () => {
  const text =
    'modules: [{ name: a, type: toy.lamp, config: { shade: "${X}", moods: { m: { level: "${Y}" } } } }]';
  assert.deepEqual(toyProblems(text), [
    "unset-variable 1:55 modules[0].config.shade",
    "unset-variable 1:84 modules[0].config.moods.m.level",
  ]);
});

Deno.test("validate() places what is wrong behind an alias where it is written", () => {
  assert.deepEqual(
    toyProblems(`modules:
  - { name: a, type: toy.lamp, config: &c { watts: 500 } }
  - { name: b, type: toy.lamp, config: *c }
  - { name: d, type: toy.lamp, config: { <<: *c, colour: red } }
`),
    [
      "invalid-value 2:52 modules[0].config.watts",
      "invalid-value 2:52 modules[1].config.watts",
      "invalid-value 2:52 modules[2].config.watts",
    ],
  );
});

/** Whatever becomes of a text, it is a plan or problems that have a place in it. */
function assertSound(text: string): void {
  const { plan, problems } = loadToy(text);
  const lines = text.split("\n");
  for (const { line, column, message } of problems) {
    assert.ok(line >= 1 && line <= lines.length, `${message} at line ${line}`);
    const characters = lines[line - 1]?.length ?? 0;
    assert.ok(column >= 1 && column <= characters + 1, `${message} ${column}`);
  }
  assert.ok(plan !== undefined || problems.length > 0);
}

Deno.test("validate() never throws when any character of a document changes", () => {
  const characters = [...":-[]{}&*#'\"|>!%@,? \t\n\0a1$<", "\ud800", ""];
  for (let index = 0; index < GOOD.length; index++) {
    for (
      const character of characters.slice(index % 3).filter((_, at) =>
        at % 3 === 0
      )
    ) {
      assertSound(GOOD.slice(0, index) + character + GOOD.slice(index + 1));
    }
  }
});

Deno.test("validate() never throws when a part of a document is cut or doubled", () => {
  const place = fc.nat(GOOD.length);
  fc.assert(
    fc.property(place, place, place, (a, b, c) => {
      const [start, end] = a < b ? [a, b] : [b, a];
      assertSound(GOOD.slice(0, start) + GOOD.slice(end));
      assertSound(GOOD.slice(0, c) + GOOD.slice(start, end) + GOOD.slice(c));
    }),
    { numRuns: 300 },
  );
});

Deno.test("validate() never throws for any data in the place of any value", () => {
  const leaf = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constantFrom(null, "lamp", "toy.lamp", "${X}", "secret://x", "5s"),
  );
  const key = fc.constantFrom(
    ...["name", "type", "config", "dependsOn", "lamp", "bulbs", "moods"],
    ...["watts", "shade", "switches", "description", "__proto__", "fuse"],
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      leaf,
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(key, tie("value"), { maxKeys: 4 }),
    ),
  }));
  const entry = fc.record({
    name: fc.oneof(fc.constantFrom("a", "b", "lamp"), value),
    type: fc.constantFrom("toy.lamp", "toy.switch", "toy.panel", "x"),
    config: value,
    dependsOn: value,
  }, { requiredKeys: [] });
  const document = fc.record({
    modules: fc.oneof(fc.array(entry, { maxLength: 4 }), value),
    workflows: fc.oneof(fc.record({ wall: value }), value),
    triggers: fc.oneof(fc.record({ sunset: value }), value),
    links: value,
    lighting: value,
  }, { requiredKeys: [] });
  fc.assert(
    fc.property(document, (data) => assertSound(JSON.stringify(data))),
    { numRuns: 500 },
  );
});
