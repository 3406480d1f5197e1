import assert from "node:assert/strict";
import { Meter, METRICS } from "./observe.ts";

const LAMP = { kind: "counter", help: "Time lit", labels: ["lamp"] } as const;

Deno.test("Meter hands a measurement to every sink, until it is detached", () => {
  const meter = new Meter();
  const got: unknown[] = [];
  assert.equal(meter.active, false);
  const detach = meter.attach((...measured) => void got.push(measured));
  assert.equal(meter.active, true);
  meter.record("active_workflows", { workflow_type: "order" }, -1);
  meter.recordOwn("lamp_seconds", { lamp: "hall" });
  detach();
  meter.recordOwn("lamp_seconds", { lamp: "hall" });
  assert.deepEqual(got, [
    ["active_workflows", { workflow_type: "order" }, -1],
    ["lamp_seconds", { lamp: "hall" }, 1],
  ]);
});

Deno.test("Meter knows its own metrics and those that types define", () => {
  const meter = new Meter();
  meter.define({ lamp_seconds: LAMP });
  meter.define({ lamp_seconds: LAMP });
  assert.deepEqual([...meter.definitions().keys()], [
    ...Object.keys(METRICS),
    "lamp_seconds",
  ]);
});

Deno.test("Meter refuses a name that means something else already", () => {
  const meter = new Meter();
  meter.define({ lamp_seconds: LAMP });
  for (const name of ["lamp_seconds", "active_workflows"]) {
    assert.throws(
      () => meter.define({ [name]: { ...LAMP, kind: "gauge" } }),
      RangeError,
    );
  }
});

Deno.test("Meter asks a sampler what it wants, and is exact only for sinks", () => {
  const meter = new Meter();
  const got: unknown[] = [];
  let isWanted = false;
  meter.sampler = {
    wants: () => isWanted,
    take: (...measured) => void got.push(measured),
  };
  assert.equal(meter.active, false);
  isWanted = true;
  assert.equal(meter.active, true);
  assert.equal(meter.isExact, false);
  meter.recordOwn("lamp_seconds", { lamp: "hall" }, 2);
  const detach = meter.attach(() => {});
  isWanted = false;
  assert.equal(meter.active, true);
  assert.equal(meter.isExact, true);
  meter.recordOwn("lamp_seconds", { lamp: "hall" }, 3);
  detach();
  assert.deepEqual(got, [
    ["lamp_seconds", { lamp: "hall" }, 2, false],
    ["lamp_seconds", { lamp: "hall" }, 3, true],
  ]);
});
