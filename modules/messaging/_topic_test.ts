import assert from "node:assert/strict";
import { TOPIC_CHARACTERS_MAX } from "@engine/services/broker.ts";
import { patternFault, topicFault } from "./_topic.ts";

Deno.test("topicFault() refuses what is no topic", () => {
  assert.equal(topicFault("raw-input"), undefined);
  assert.equal(topicFault("a*b"), undefined);
  assert.equal(topicFault(""), "it is empty");
  assert.match(topicFault("order.*") ?? "", /no segment/);
  assert.match(topicFault("**") ?? "", /no segment/);
  assert.equal(
    topicFault("x".repeat(TOPIC_CHARACTERS_MAX + 1)),
    "it has 1025 characters: at most 1024 are allowed",
  );
});

Deno.test("patternFault() accepts wildcards and refuses an empty pattern", () => {
  assert.equal(patternFault("order.*"), undefined);
  assert.equal(patternFault(""), "it is empty");
  assert.match(
    patternFault("x".repeat(TOPIC_CHARACTERS_MAX + 1)) ?? "",
    /1024/,
  );
});
