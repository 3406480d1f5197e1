import assert from "node:assert/strict";
import { Meter } from "../observe.ts";
import { Recorder, TAKEN_MAX } from "./recorder.ts";

const REQUEST = { method: "GET", path: "/" };

function recorded() {
  const meter = new Meter();
  const recorder = new Recorder(meter);
  meter.sampler = recorder;
  return {
    meter,
    recorder,
    /** Measures as callers do: only what is wanted. */
    request(status_code = "200"): void {
      if (!meter.active) return;
      meter.record("http_requests_total", { ...REQUEST, status_code });
      meter.record("http_request_duration_seconds", REQUEST, 0.01);
    },
  };
}

Deno.test("Recorder counts everything while little happens, and what failed", () => {
  const { recorder, request } = recorded();
  ["200", "404", "500", "503"].forEach(request);
  const { counts, times, isEstimate } = recorder.measured();
  assert.deepEqual(counts.get("http_requests_total"), { all: 4, failed: 2 });
  assert.deepEqual(
    [...times.get("http_request_duration_seconds")?.values() ?? []],
    [4],
  );
  assert.equal(isEstimate, false);
});

Deno.test("Recorder begins anew, and has nothing where nothing happened", () => {
  const { recorder, request } = recorded();
  request();
  recorder.reset();
  assert.equal(recorder.measured().counts.size, 0);
  assert.equal(recorder.measured().times.size, 0);
});

Deno.test("Recorder takes ever smaller parts of much, and still counts it all", () => {
  const { recorder, request } = recorded();
  const each = 20_000;
  for (let tick = 0; tick < 12; tick++) {
    for (let n = 0; n < each; n++) request(n % 4 === 0 ? "500" : "200");
    recorder.adapt(false);
  }
  recorder.reset();
  const taken: string[] = [];
  const take = recorder.take.bind(recorder);
  recorder.take = (name, ...rest) => {
    taken.push(name);
    take(name, ...rest);
  };
  for (let n = 0; n < each; n++) request(n % 4 === 0 ? "500" : "200");
  assert.ok(taken.length <= 2 * TAKEN_MAX, `${taken.length} are taken`);
  const { counts, isEstimate } = recorder.measured();
  const { all = 0, failed = 0 } = counts.get("http_requests_total") ?? {};
  assert.ok(Math.abs(all / each - 1) < 0.2, `${all} of ${each}`);
  assert.ok(Math.abs(failed / all - 0.25) < 0.1, `${failed} of ${all} failed`);
  assert.equal(isEstimate, true);
});

Deno.test("Recorder is exact again when little happens, or when others count", () => {
  const { recorder, request, meter } = recorded();
  const hurry = () => {
    for (let n = 0; n < 5_000; n++) request();
    recorder.adapt(false);
  };
  hurry();
  assert.ok(recorder.measured().isEstimate);
  recorder.adapt(false);
  recorder.reset();
  assert.equal(recorder.measured().isEstimate, false);
  hurry();
  const detach = meter.attach(() => {});
  recorder.reset();
  for (let n = 0; n < 5_000; n++) request();
  assert.equal(
    recorder.measured().counts.get("http_requests_total")?.all,
    5_000,
  );
  detach();
});

Deno.test("Recorder passes over gauges and names that nobody has defined", () => {
  const { meter, recorder } = recorded();
  meter.record("active_workflows", { workflow_type: "order" });
  meter.recordOwn("lamp_seconds", {});
  assert.equal(recorder.measured().counts.size, 0);
});
