import assert from "node:assert/strict";
import { readMetrics } from "./prometheus_text.ts";

Deno.test("readMetrics() reads counters, histograms and escaped labels", () => {
  const text = [
    "# HELP hits Hits",
    "# TYPE hits counter",
    'hits{path="/a\\"b\\\\c\\n",code="200"} 3',
    "",
    "# TYPE took histogram",
    'took_bucket{le="0.5"} 1',
    'took_bucket{le="+Inf"} 2',
    "took_sum 1.5",
  ].join("\n");
  assert.deepEqual(readMetrics(text), [
    {
      name: "hits",
      kind: "counter",
      samples: [{
        name: "hits",
        labels: { path: '/a"b\\c\n', code: "200" },
        value: 3,
      }],
    },
    {
      name: "took",
      kind: "histogram",
      samples: [
        { name: "took_bucket", labels: { le: "0.5" }, value: 1 },
        { name: "took_bucket", labels: { le: "+Inf" }, value: 2 },
        { name: "took_sum", labels: {}, value: 1.5 },
      ],
    },
  ]);
});

Deno.test("readMetrics() finds nothing in other text", () => {
  assert.deepEqual(readMetrics("The metrics are not collected now\n"), []);
});
