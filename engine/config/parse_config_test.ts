import assert from "node:assert/strict";
import { loadToy, toyProblems } from "../../tests/toy_catalog.ts";
import type { Problem } from "./problem.ts";

/** The text of a document with one lamp of this config. */
function lamp(config: string): string {
  return `modules:\n  - name: lamp\n    type: toy.lamp\n    config: ${config}\n`;
}

/** The parsed config of a lamp, which must be faultless. */
function parsed(config: string): Readonly<Record<string, unknown>> {
  const { plan, problems } = loadToy(lamp(config));
  assert.deepEqual(problems, []);
  return plan?.modules[0]?.config ?? {};
}

function only(text: string): Problem {
  const { problems } = loadToy(text);
  const [first] = problems;
  assert.equal(problems.length, 1, JSON.stringify(problems));
  assert.ok(first);
  return first;
}

const SWITCH = `modules:
  - { name: lamp, type: toy.lamp }
  - name: switch
    type: toy.switch
    config:
      lamp: lamp
`;

Deno.test("parseConfig() fills in defaults, and drops the description", () => {
  assert.deepEqual(parsed("{ description: The one in the hall }"), {
    colour: "red",
    watts: 60,
    dimmable: false,
    bulbs: [],
    moods: {},
  });
});

Deno.test("parseConfig() reads numbers and booleans that are written as text", () => {
  const { watts, dimmable, bulbs } = parsed(
    '{ watts: " 75 ", dimmable: "true", bulbs: [{ socket: a, watts: "5" }] }',
  );
  assert.equal(watts, 75);
  assert.equal(dimmable, true);
  assert.deepEqual(bulbs, [{ socket: "a", watts: 5 }]);
});

Deno.test("parseConfig() does not guess at other text", () => {
  for (
    const config of [
      "{ watts: sixty }",
      '{ watts: "" }',
      '{ watts: "1.5" }',
      '{ watts: "101" }',
      "{ watts: 1e999 }",
      "{ dimmable: yes }",
      '{ dimmable: "1" }',
      "{ dimmable: 1 }",
      "{ watts: true }",
    ]
  ) assert.equal(only(lamp(config)).code, "invalid-value", config);
});

Deno.test("parseConfig() takes an empty value for an absent one", () => {
  assert.equal(parsed("{ watts: , colour: ~ }").watts, 60);
  assert.equal(parsed("").watts, 60);
  assert.deepEqual(toyProblems(`${SWITCH}      label:\n`), [
    "missing-key 7:13 modules[1].config.label",
  ]);
});

Deno.test("parseConfig() takes an empty entry of the author's own for an empty map", () => {
  assert.deepEqual(
    parsed("{ moods: { calm: , bright: { level: 9 } } }").moods,
    {
      calm: {},
      bright: { level: 9 },
    },
  );
});

Deno.test("parseConfig() warns of an unknown key and names the nearest", () => {
  const problem = only(lamp("{ color: blue }"));
  assert.equal(problem.code, "ineffective-key");
  assert.equal(problem.severity, "warning");
  assert.equal(problem.nearest, "colour");
  assert.equal(problem.message, '"color" is not a key of toy.lamp');
  assert.deepEqual([problem.line, problem.column, problem.endColumn], [
    4,
    15,
    20,
  ]);
});

Deno.test("parseConfig() finds unknown keys in lists, maps and alternatives", () => {
  assert.deepEqual(
    toyProblems(lamp(
      "{ bulbs: [{ socket: a, x: 1 }], moods: { m: { y: 2 } }, shade: { cloth: c, z: 3 } }",
    )),
    [
      "ineffective-key 4:36 modules[0].config.bulbs[0].x",
      "ineffective-key 4:59 modules[0].config.moods.m.y",
      "ineffective-key 4:88 modules[0].config.shade.z",
    ],
  );
});

Deno.test("parseConfig() reports every fault at once", () => {
  assert.deepEqual(
    toyProblems(lamp(
      "{ colour: pink, watts: 0, nonsense: 1, bulbs: [{}, ~, 3], dimmable: x }",
    )),
    [
      "invalid-value 4:23 modules[0].config.colour",
      "invalid-value 4:36 modules[0].config.watts",
      "ineffective-key 4:39 modules[0].config.nonsense",
      "missing-key 4:60 modules[0].config.bulbs[0].socket",
      "invalid-value 4:64 modules[0].config.bulbs[1]",
      "invalid-value 4:67 modules[0].config.bulbs[2]",
      "invalid-value 4:81 modules[0].config.dimmable",
    ],
  );
});

Deno.test("parseConfig() says what it expected, and the nearest of a list", () => {
  const problem = only(lamp("{ colour: gren }"));
  assert.equal(problem.found, '"gren"');
  assert.equal(problem.expected, 'one of "red", "green", "blue"');
  assert.equal(problem.nearest, "green");
  assert.equal(
    only(lamp("{ watts: [1] }")).message,
    '"watts" of toy.lamp is not valid: expected a number',
  );
  assert.equal(
    only(lamp("{ shade: 5 }")).message,
    '"shade" of toy.lamp is not valid: expected a string, or a map',
  );
});

Deno.test("parseConfig() looks into the alternative that is meant", () => {
  const { shade } = parsed('{ shade: { cloth: silk, holes: "2" } }');
  assert.deepEqual(shade, { cloth: "silk", holes: 2 });
  assert.equal(
    only(lamp("{ shade: { cloth: 1 } }")).path,
    "modules[0].config.shade.cloth",
  );
});

Deno.test("parseConfig() shortens what it found", () => {
  const { found } = only(lamp(`{ watts: ${"x".repeat(500)} }`));
  assert.equal(found?.length, 80);
});

Deno.test("parseConfig() reports a required key where it is missing, whatever its kind", () => {
  assert.deepEqual(toyProblems("modules: [{ name: a, type: toy.switch }]"), [
    "missing-key 1:11 modules[0].config.lamp",
    "missing-key 1:11 modules[0].config.label",
  ]);
  const text = "modules: [{ name: a, type: toy.panel }]";
  assert.deepEqual(toyProblems(text), [
    "missing-key 1:11 modules[0].config.mode",
    "unstable-type 1:28 modules[0].type",
  ]);
});

Deno.test("parseConfig() makes one error of a required key that is misspelt", () => {
  const problem = only(`${SWITCH}      lable: Hall\n`);
  assert.equal(problem.code, "unknown-key");
  assert.equal(problem.severity, "error");
  assert.equal(problem.nearest, "label");
  assert.equal(problem.line, 7);
});

Deno.test("parseConfig() keeps two findings apart whose names end alike", () => {
  // "nam" is near the optional "name"; "label" and "lamp" are missing for themselves.
  assert.deepEqual(
    toyProblems(
      "modules: [{ name: a, type: toy.switch, config: { nam: x, lamp: a } }]",
    ).filter((problem) => !problem.startsWith("wrong-service")),
    [
      "missing-key 1:48 modules[0].config.label",
      "ineffective-key 1:50 modules[0].config.nam",
    ],
  );
});

Deno.test("parseConfig() takes out inert keys, with their reasons", () => {
  const { plan, problems } = loadToy(
    lamp(
      "{ fuse: 16A, bulbs: [{ socket: a, maker: b }], moods: { m: { music: c } } }",
    ),
  );
  assert.deepEqual(
    problems.map(({ code, severity, path, message }) => [
      code,
      severity,
      path,
      message.split(": ")[1],
    ]),
    [
      ["inert-key", "warning", "modules[0].config.fuse", "lamps have none"],
      [
        "inert-key",
        "warning",
        "modules[0].config.bulbs[0].maker",
        "nobody reads it",
      ],
      [
        "inert-key",
        "warning",
        "modules[0].config.moods.m.music",
        "lamps are silent",
      ],
    ],
  );
  assert.deepEqual(plan?.modules[0]?.config.bulbs, [{ socket: "a" }]);
  assert.deepEqual(plan?.modules[0]?.config.moods, { m: {} });
});

Deno.test("parseConfig() makes errors of unknown and inert keys in a strict document", () => {
  const { problems } = loadToy(`strict: true\n${lamp("{ fuse: 1, colr: 2 }")}`);
  assert.deepEqual(
    problems.map(({ code, severity }) => `${code} ${severity}`),
    ["inert-key error", "unknown-key error"],
  );
});

Deno.test("parseConfig() runs the definition's own check on what is sound", () => {
  assert.deepEqual(toyProblems(`${SWITCH}      label: "?"\n`), [
    "invalid-value 7:14 modules[1].config.label",
  ]);
});

Deno.test("parseConfig() only warns of an unset variable when a document is checked", () => {
  const text = `${SWITCH}      label: "\${LABEL}"\n`;
  const { problems } = loadToy(text);
  assert.deepEqual(
    problems.map(({ code, severity }) => `${code} ${severity}`),
    ["unset-variable warning"],
  );
  assert.match(problems[0]?.help ?? "", /\$\{LABEL:-default\}/);
  assert.deepEqual(loadToy(text, { env: { LABEL: "Hall" } }).problems, []);
});

Deno.test("parseConfig() refuses to start without a variable that is required", () => {
  const text = `${SWITCH}      label: "\${LABEL}"\n`;
  assert.deepEqual(
    loadToy(text, { mustBeSet: true }).problems.map((
      { code, severity, line },
    ) => `${code} ${severity} ${line}`),
    ["unset-variable error 7"],
  );
});

Deno.test("parseConfig() takes an optional variable for absent, unless it is secret", () => {
  const start = (config: string) =>
    loadToy(lamp(config), { mustBeSet: true }).problems
      .map(({ code, severity }) => `${code} ${severity}`);
  assert.deepEqual(start('{ watts: "${WATTS}" }'), ["unset-variable warning"]);
  assert.deepEqual(start('{ key: "${KEY}" }'), ["unset-variable error"]);
  assert.deepEqual(start('{ shade: "secret://x" }'), ["unset-variable error"]);
});

Deno.test("parseConfig() does not blame the value of an unset variable in a list", () => {
  const text = lamp('{ bulbs: [{ socket: a }, "${BULB}"] }');
  assert.deepEqual(toyProblems(text), [
    "unset-variable 4:38 modules[0].config.bulbs[1]",
  ]);
});

Deno.test("parseConfig() is not confused by keys of Object.prototype", () => {
  assert.deepEqual(
    toyProblems(
      lamp("{ __proto__: { watts: 5 }, constructor: 2, toString: 3 }"),
    ),
    [
      "ineffective-key 4:40 modules[0].config.constructor",
      "ineffective-key 4:56 modules[0].config.toString",
    ],
  );
});
