import assert from "node:assert/strict";
import fc from "fast-check";
import { TOPIC_CHARACTERS_MAX } from "./broker.ts";
import { compileTopic, patternFault, topicFault } from "./topic_pattern.ts";

/** The meaning of a pattern, written as it is said; exponential. */
function fits(wanted: readonly string[], segments: readonly string[]): boolean {
  const [first, ...rest] = wanted;
  if (first === undefined) return segments.length === 0;
  if (first === "**") {
    return segments.some((_, index) => fits(rest, segments.slice(index))) ||
      fits(rest, []);
  }
  return segments.length > 0 && (first === "*" || first === segments[0]) &&
    fits(rest, segments.slice(1));
}

Deno.test("compileTopic() matches an exact topic and nothing else", () => {
  const matches = compileTopic("order.completed");
  assert.ok(matches("order.completed"));
  for (
    const other of ["order", "order.completed.late", "Order.completed", ""]
  ) {
    assert.equal(matches(other), false, other);
  }
});

Deno.test("compileTopic() reads * as exactly one segment", () => {
  const matches = compileTopic("order.*.done");
  assert.ok(matches("order.7.done"));
  assert.ok(matches("order..done"));
  for (const other of ["order.done", "order.7.8.done", "order.7.done.x"]) {
    assert.equal(matches(other), false, other);
  }
});

Deno.test("compileTopic() reads ** as any number of segments", () => {
  const matches = compileTopic("order.**");
  for (const topic of ["order", "order.a", "order.a.b.c"]) {
    assert.ok(matches(topic), topic);
  }
  assert.equal(matches("orders.a"), false);
  assert.ok(compileTopic("**")("anything.at.all"));
  assert.ok(compileTopic("**.late")("late"));
});

Deno.test("compileTopic() takes a star inside a longer segment literally", () => {
  assert.ok(compileTopic("order-*")("order-*"));
  assert.equal(compileTopic("order-*")("order-7"), false);
});

Deno.test("compileTopic() agrees with the definition of the wildcards", () => {
  const name = fc.constantFrom("a", "b");
  const wanted = fc.array(fc.oneof(name, fc.constantFrom("*", "**")), {
    minLength: 1,
    maxLength: 6,
  });
  const topic = fc.array(name, { minLength: 1, maxLength: 7 });
  fc.assert(
    fc.property(wanted, topic, (wanted, segments) => {
      const matches = compileTopic(wanted.join("."));
      assert.equal(matches(segments.join(".")), fits(wanted, segments));
    }),
    { numRuns: 2_000, seed: 1 },
  );
});

Deno.test("compileTopic() is not slow on many wildcards", () => {
  const matches = compileTopic("**.a.".repeat(100) + "b");
  const topic = "a.".repeat(510) + "c";
  // An exponential match would not end; this one takes about 50,000 steps.
  assert.equal(matches(topic), false);
});

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
