import assert from "node:assert/strict";
import { Meter } from "../observe.ts";
import { simulatedEffects } from "../simulation/effects.ts";
import { History, SPAN_MS, SPANS_MAX, TICK_MS } from "./history.ts";
import type { HistoryView } from "./history_view.ts";

const HOUR_MS = 3_600_000;

function opened() {
  const { clock, advance } = simulatedEffects({ startMs: 0 });
  const history = new History(clock, () => 5_000);
  const meters = { shop: new Meter(), bank: new Meter() };
  let depth: number | undefined = 3;
  history.record("shop", {
    meter: meters.shop,
    queueDepth: () => Promise.resolve(depth),
  });
  history.record("bank", {
    meter: meters.bank,
    queueDepth: () => Promise.reject(new Error("The store is gone")),
  });
  history.open();
  return {
    ...{ history, advance },
    setDepth: (next: number | undefined) => void (depth = next),
    request(owner: keyof typeof meters, status_code = "200"): void {
      const meter = meters[owner];
      if (!meter.active) return;
      const labels = { method: "GET", path: "/" };
      meter.record("http_requests_total", { ...labels, status_code });
      meter.record("http_request_duration_seconds", labels, 0.1);
    },
    meters,
  };
}

function valuesOf({ metrics }: HistoryView, name: string, line: string) {
  return metrics.find((metric) => metric.name === name)?.lines
    .find((one) => one.name === line)?.values;
}

Deno.test("History has rates, failures and times of each span", async () => {
  const { history, request, advance } = opened();
  for (let n = 0; n < 20; n++) request("shop", n < 5 ? "503" : "200");
  await advance(SPAN_MS);
  await advance(SPAN_MS);
  const view = history.view({ forMs: HOUR_MS });
  assert.deepEqual(view.times, [SPAN_MS, 2 * SPAN_MS]);
  assert.deepEqual(valuesOf(view, "http_requests_total", "all"), [2, 0]);
  assert.deepEqual(valuesOf(view, "http_requests_total", "failed"), [0.5, 0]);
  const [p95, none] = valuesOf(view, "http_request_duration_seconds", "p95") ??
    [];
  assert.ok(Math.abs((p95 ?? 0) - 0.1) < 0.005);
  assert.equal(none, null);
  assert.equal(view.isEstimate, false);
  history.close();
});

Deno.test("History keeps applications apart, and shows them together", async () => {
  const { history, request, advance } = opened();
  request("shop");
  request("bank");
  await advance(SPAN_MS);
  const rate = (application?: string) =>
    valuesOf(
      history.view({
        ...application === undefined ? {} : { application },
        forMs: HOUR_MS,
      }),
      "http_requests_total",
      "all",
    );
  assert.deepEqual(rate("shop"), [0.1]);
  assert.deepEqual(rate("bank"), [0.1]);
  assert.deepEqual(rate(), [0.2]);
  assert.equal(rate("another"), undefined);
  history.close();
});

Deno.test("History reads depths and memory, and lives with a store that does not answer", async () => {
  const { history, advance, setDepth } = opened();
  await advance(SPAN_MS);
  setDepth(undefined);
  await advance(SPAN_MS);
  const view = history.view({ forMs: HOUR_MS });
  assert.deepEqual(valuesOf(view, "queue_depth", "now"), [3, null]);
  const memory = valuesOf(view, "process_resident_memory_bytes", "now");
  assert.deepEqual(memory, [5_000, 5_000]);
  assert.deepEqual(
    view.metrics.map(({ name, unit }) => [name, unit]),
    [
      ["queue_depth", "things"],
      ["event_loop_delay_seconds", "seconds"],
      ["process_resident_memory_bytes", "bytes"],
    ],
  );
  history.close();
});

Deno.test("History shows the span that goes on once it says something", async () => {
  const { history, request, advance } = opened();
  request("shop");
  await advance(TICK_MS);
  assert.deepEqual(history.view({ forMs: HOUR_MS }).times, []);
  await advance(8_000 - TICK_MS);
  const view = history.view({ forMs: HOUR_MS });
  assert.deepEqual(valuesOf(view, "http_requests_total", "all"), [0.125]);
  history.close();
});

Deno.test("History remembers an hour, and still names what came before a shorter look", async () => {
  const { history, request, advance } = opened();
  request("shop");
  await advance(SPAN_MS * 3);
  const view = history.view({ forMs: SPAN_MS });
  assert.deepEqual(valuesOf(view, "http_requests_total", "all"), [0]);
  await advance(SPAN_MS * SPANS_MAX);
  const whole = history.view({ forMs: 2 * HOUR_MS });
  assert.equal(whole.times.length, SPANS_MAX);
  assert.equal(valuesOf(whole, "http_requests_total", "all"), undefined);
  history.close();
});

Deno.test("History lets go of the meters when it is closed", async () => {
  const { history, advance, meters } = opened();
  history.close();
  assert.equal(meters.shop.active, false);
  await advance(SPAN_MS * 2);
  assert.deepEqual(history.view({ forMs: HOUR_MS }).times, []);
});
