import assert from "node:assert/strict";
import type { Plan } from "../engine/mod.ts";
import { mermaid } from "./mermaid.ts";

Deno.test("mermaid() draws stated flows solid, the rest dotted, and escapes names", () => {
  const edge = { path: "", implied: false, orders: false, label: "" };
  const plan = {
    modules: [{ name: 'a"b', type: "x.y" }, { name: "c", type: "x.z" }],
    edges: [
      {
        ...edge,
        source: 'a"b',
        target: "c",
        kind: "route",
        label: "GET /<id>",
      },
      {
        ...edge,
        source: 'a"b',
        target: "c",
        kind: "route",
        label: "PUT /",
        implied: true,
      },
      { ...edge, source: "c", target: 'a"b', kind: "ref" },
      { ...edge, source: "c", target: 'a"b', kind: "dependsOn" },
    ],
  } as unknown as Plan;
  assert.equal(
    mermaid(plan),
    [
      "flowchart LR",
      '  m0["a&quot;b<br/><small>x.y</small>"]',
      '  m1["c<br/><small>x.z</small>"]',
      '  m0 -->|"GET /&lt;id&gt;"| m1',
      '  m0 -.->|"PUT /"| m1',
      "  m1 -.-> m0",
    ].join("\n"),
  );
});
