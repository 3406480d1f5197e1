import assert from "node:assert/strict";
import {
  type LabelValues,
  OTHER_SERIES,
  Series,
  SERIES_MAX,
} from "./_series.ts";

/** Series that keep their totals in a map, by their labels as JSON. */
function collect(labels: readonly string[]) {
  const totals = new Map<string, number>();
  let full = 0;
  const series = new Series({
    labels,
    make(values: LabelValues) {
      const key = JSON.stringify(values);
      assert.ok(!totals.has(key), `${key} is made twice`);
      totals.set(key, 0);
      return (value) => totals.set(key, (totals.get(key) ?? 0) + value);
    },
    onFull: () => full++,
  });
  return { series, totals, full: () => full };
}

Deno.test("Series makes one series for equal labels, in any order", () => {
  const { series, totals } = collect(["a", "b"]);
  series.of({ a: "1", b: "2" })(1);
  series.of({ b: "2", a: "1" })(2);
  series.of({ a: "2", b: "1" })(4);
  assert.deepEqual(Object.fromEntries(totals), {
    '{"a":"1","b":"2"}': 3,
    '{"a":"2","b":"1"}': 4,
  });
});

Deno.test("Series ignores labels it does not know and empties absent ones", () => {
  const { series, totals } = collect(["a", "b"]);
  series.of({ a: "1", c: "x" })(1);
  series.of({ a: "1", c: "y" })(1);
  assert.deepEqual(Object.fromEntries(totals), { '{"a":"1","b":""}': 2 });
});

Deno.test("Series serves a metric without labels", () => {
  const { series, totals } = collect([]);
  series.of({})(1);
  series.of({})(1);
  assert.deepEqual(Object.fromEntries(totals), { "{}": 2 });
});

Deno.test("Series counts what is too many as one and tells it once", () => {
  const { series, totals, full } = collect(["path"]);
  for (let i = 0; i < SERIES_MAX; i++) series.of({ path: `/${i}` })(1);
  assert.equal(full(), 0);
  for (let i = 0; i < 5; i++) series.of({ path: `/more/${i}` })(1);
  series.of({ path: "/0" })(1);
  assert.equal(full(), 1);
  assert.equal(totals.size, SERIES_MAX + 1);
  assert.equal(totals.get(JSON.stringify({ path: OTHER_SERIES })), 5);
  assert.equal(totals.get('{"path":"/0"}'), 2);
});
