import assert from "node:assert/strict";
import { deedOf } from "./deeds.ts";

Deno.test("deedOf() says what a call does and to what", () => {
  assert.equal(
    deedOf("PUT", "/api/dynamic/components/a%20b"),
    "Change the code of a b",
  );
  assert.equal(
    deedOf("POST", "/api/schedules/trigger:nightly/pause"),
    "Pause the schedule trigger:nightly",
  );
  assert.equal(
    deedOf("POST", "/_/api/dead-letters/replay"),
    "Replay all letters of a source",
  );
});

Deno.test("deedOf() shows a call that it has no words for", () => {
  assert.equal(deedOf("POST", "/api/none"), "POST /api/none");
  assert.equal(
    deedOf("DELETE", "/api/schedules/%E0%A4%A"),
    "Delete the schedule %E0%A4%A",
  );
});
