import assert from "node:assert/strict";
import {
  eventRates,
  type Look,
  lookAt,
  quantilesOf,
  ratesOf,
} from "./measures.ts";

function look(at: number, requests: number, buckets: [number, number][]): Look {
  return { at, requests, buckets: new Map(buckets) };
}

Deno.test("lookAt() adds the requests of all documents, whatever their namespace", () => {
  const bucket = (le: string, value: number) => ({
    name: "shop_http_request_duration_seconds_bucket",
    labels: { le },
    value,
  });
  const found = lookAt({
    at: 5,
    applications: [{
      id: "a",
      families: [{
        name: "http_requests_total",
        samples: [{ name: "http_requests_total", labels: {}, value: 2 }],
      }],
    }, {
      id: "b",
      families: [{
        name: "shop_http_requests_total",
        samples: [{ name: "shop_http_requests_total", labels: {}, value: 3 }],
      }, {
        name: "shop_http_request_duration_seconds",
        samples: [bucket("0.1", 1), bucket("0.1", 1), bucket("+Inf", 3)],
      }],
    }],
  });
  assert.deepEqual(found, look(5, 5, [[0.1, 2], [Infinity, 3]]));
});

Deno.test("ratesOf() counts a minute's requests over the last half minute", () => {
  const looks = [look(0, 0, []), look(10_000, 10, []), look(60_000, 10, [])];
  assert.deepEqual(ratesOf(looks), [
    { at: 10_000, value: 60 },
    { at: 60_000, value: 0 },
  ]);
});

Deno.test("ratesOf() has no value where the engine began anew", () => {
  assert.deepEqual(ratesOf([look(0, 9, []), look(1_000, 1, [])]), [
    { at: 1_000, value: null },
  ]);
});

Deno.test("quantilesOf() finds the time within the bucket", () => {
  const looks = [
    look(0, 0, [[0.1, 4], [1, 4], [Infinity, 4]]),
    look(1_000, 0, [[0.1, 14], [1, 24], [Infinity, 24]]),
  ];
  const at = (share: number) =>
    Math.round(quantilesOf(looks, share)[0]?.value ?? NaN);
  assert.deepEqual([at(0.5), at(0.75), at(1)], [100, 550, 1_000]);
});

Deno.test("quantilesOf() has no value where nothing was answered", () => {
  const looks = [look(0, 0, [[1, 2]]), look(1_000, 0, [[1, 2]])];
  assert.deepEqual(quantilesOf(looks, 0.5), [{ at: 1_000, value: null }]);
});

Deno.test("eventRates() counts what was in the half minute before", () => {
  assert.deepEqual(eventRates([1, 40_000], [2, 40_000]), [
    { at: 2, value: 2 },
    { at: 40_000, value: 2 },
  ]);
});
