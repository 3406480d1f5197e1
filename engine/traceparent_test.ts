import assert from "node:assert/strict";
import { readTraceparent, writeTraceparent } from "./traceparent.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

Deno.test("a traceparent is read and written as the recommendation has it", () => {
  const text = `00-${TRACE}-${SPAN}-01`;
  const place = { traceId: TRACE, spanId: SPAN, isSampled: true };
  assert.deepEqual(readTraceparent(text), place);
  assert.equal(writeTraceparent(place), text);
  assert.equal(
    writeTraceparent({ ...place, isSampled: false }),
    `00-${TRACE}-${SPAN}-00`,
  );
  assert.equal(readTraceparent(`00-${TRACE}-${SPAN}-02`)?.isSampled, false);
  assert.equal(readTraceparent(` ${text} `)?.traceId, TRACE);
});

Deno.test("a traceparent of a later version may have more parts", () => {
  const place = readTraceparent(`cc-${TRACE}-${SPAN}-01-what-comes`);
  assert.equal(place?.spanId, SPAN);
});

Deno.test("what is no traceparent is none", () => {
  for (
    const text of [
      undefined,
      null,
      "",
      "yes",
      `ff-${TRACE}-${SPAN}-01`,
      `00-${TRACE}-${SPAN}-01-more`,
      `00-${"0".repeat(32)}-${SPAN}-01`,
      `00-${TRACE}-${"0".repeat(16)}-01`,
      `00-${TRACE.toUpperCase()}-${SPAN}-01`,
      `00-${TRACE}-${SPAN}`,
    ]
  ) assert.equal(readTraceparent(text), undefined, String(text));
});
