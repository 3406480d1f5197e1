import assert from "node:assert/strict";
import { expand, type Expanded, secretReferences } from "./expand.ts";
import { parse } from "./parse.ts";
import { formatPath } from "./problem.ts";

const ENV: Readonly<Record<string, string>> = {
  HOST: "example.org",
  PORT: "80",
  EMPTY: "",
  BRACES: "${HOST}",
};

function expanded(text: string): Expanded {
  const { document } = parse(text, "a.yaml");
  assert.ok(document);
  return expand(document, {
    env: (name) => ENV[name],
    secrets: new Map([["secret://db", "hunter2"]]),
  });
}

/** What becomes of a string in the config of a module. */
function config(written: string): unknown {
  const text = JSON.stringify({ modules: [{ config: { a: written } }] });
  const { value } = expanded(text) as {
    value: { modules: { config: { a?: unknown } }[] };
  };
  return value.modules[0]?.config.a;
}

Deno.test("expand() replaces variables anywhere in a string of a config", () => {
  assert.equal(config("${HOST}"), "example.org");
  assert.equal(config("http://${HOST}:${PORT}/"), "http://example.org:80/");
});

Deno.test("expand() takes the default of what is unset or empty, as a shell does", () => {
  assert.equal(config("${NOBODY:-fallback}"), "fallback");
  assert.equal(config("${EMPTY:-fallback}"), "fallback");
  assert.equal(config("${HOST:-fallback}"), "example.org");
  assert.equal(config("${NOBODY:-}"), "");
  assert.equal(config("${NOBODY:-http://a:1/?b=c}"), "http://a:1/?b=c");
});

Deno.test("expand() keeps an empty variable, and leaves out an unset one", () => {
  assert.equal(config("${EMPTY}"), "");
  assert.equal(config("${NOBODY}"), undefined);
  assert.equal(config("${NOBODY}${NOR_HIM}"), undefined);
  assert.equal(config("x${NOBODY}y"), "xy");
});

Deno.test("expand() takes $$ as an escape, and anything else as text", () => {
  assert.equal(config("$${HOST}"), "${HOST}");
  for (
    const text of ["$HOST", "${1X}", "${a.b}", "${{ 1 + 1 }}", "${HOST", "${}"]
  ) {
    assert.equal(config(text), text);
  }
});

Deno.test("expand() does not expand what a variable held", () => {
  assert.equal(config("${BRACES}"), "${HOST}");
});

Deno.test("expand() replaces a secret only where it is the whole string", () => {
  assert.equal(config("secret://db"), "hunter2");
  assert.equal(config("see secret://db"), "see secret://db");
  assert.equal(config("secret://other"), undefined);
  const { secretValues } = expanded('modules: [{config: {a: "secret://db"}}]');
  assert.deepEqual([...secretValues], ["hunter2"]);
});

Deno.test("expand() leaves names, types, workflows and triggers alone", () => {
  const { value, unset } = expanded(
    `modules: [{ name: "\${HOST}", type: "\${HOST}", dependsOn: ["\${HOST}"] }]
workflows: { integration: { steps: [{ input: "\${step.field} \${HOST}" }] } }
triggers: { schedule: { job: "\${HOST}" } }
`,
  );
  assert.deepEqual(value, {
    modules: [{ name: "${HOST}", type: "${HOST}", dependsOn: ["${HOST}"] }],
    workflows: {
      integration: { steps: [{ input: "${step.field} ${HOST}" }] },
    },
    triggers: { schedule: { job: "${HOST}" } },
  });
  assert.deepEqual(unset, []);
});

Deno.test("expand() expands connectors, headers and default sections", () => {
  const { value } = expanded(
    `lighting: { a: "\${HOST}" }
workflows: { x: { connectors: [{ url: "\${HOST}" }], b: { headers: { c: "\${PORT}" } } } }
`,
  );
  assert.deepEqual(value, {
    lighting: { a: "example.org" },
    workflows: {
      x: {
        connectors: [{ url: "example.org" }],
        b: { headers: { c: "80" } },
      },
    },
  });
});

Deno.test("expand() reports each unset variable and secret at its place", () => {
  const { unset } = expanded(
    'modules: [{ config: { a: ["${ONE}", "x${TWO}"], b: "secret://no" } }]',
  );
  assert.deepEqual(
    unset.map(({ path, name }) => `${formatPath(path)} ${name}`),
    [
      "modules[0].config.a[0] ONE",
      "modules[0].config.a[1] TWO",
      "modules[0].config.b secret://no",
    ],
  );
});

Deno.test("expand() keeps the places of list items that are unset", () => {
  const { value } = expanded('modules: [{ config: { a: ["${ONE}", "b"] } }]');
  assert.deepEqual(value, { modules: [{ config: { a: [null, "b"] } }] });
});

Deno.test("expand() keeps a key that is called like a prototype", () => {
  const { value } = expanded('modules: [{ config: { __proto__: "${HOST}" } }]');
  const { modules } = value as { modules: { config: object }[] };
  assert.deepEqual(Object.entries(modules[0]?.config ?? {}), [
    ["__proto__", "example.org"],
  ]);
});

Deno.test("secretReferences() names each reference that is expanded, once", () => {
  const { document } = parse(
    `modules: [{ name: "secret://name", config: { a: "secret://a", b: ["secret://a", "secret://b"] } }]
workflows: { x: "secret://c" }
`,
    "a.yaml",
  );
  assert.ok(document);
  assert.deepEqual([...secretReferences(document)], [
    "secret://a",
    "secret://b",
  ]);
});
