import assert from "node:assert/strict";
import fc from "fast-check";
import { compileTopic } from "@engine/services/topic_pattern.ts";
import {
  filtersOf,
  isWithin,
  overlaps,
  refuseSubjects,
  subjectsOf,
  topicPattern,
  Topics,
} from "./_nats_subject.ts";

const segments = (...of: string[]) =>
  fc.array(fc.constantFrom(...of), { minLength: 1, maxLength: 5 })
    .map((list) => list.join("."));
const topics = segments("a", "b", "c");
const patterns = segments("a", "b", "*", "**");
const subjects = fc.tuple(segments("a", "b", "*"), fc.boolean())
  .map(([head, isOpen]) => isOpen ? `${head}.>` : head);

Deno.test("subjectsOf() writes patterns as NATS does", () => {
  for (
    const [pattern, ...expected] of [
      ["order.paid", "order.paid"],
      ["order.*", "order.*"],
      ["order.**", "order", "order.>"],
      ["order.*.**", "order.>"],
      ["order.>", "order.>"],
      [">", ">"],
      ["**", ">"],
      ["**.paid", ">"],
      ["order.**.paid", "order.>"],
    ] as const
  ) assert.deepEqual(subjectsOf(pattern), expected, pattern);
});

Deno.test("subjectsOf() gets each message that a pattern selects once", () => {
  fc.assert(fc.property(patterns, topics, (pattern, topic) => {
    if (!compileTopic(pattern)(topic)) return;
    const fitting = subjectsOf(pattern)
      .filter((subject) => isWithin(topic, subject));
    assert.equal(fitting.length, 1, `${pattern} ${topic} ${fitting}`);
  }));
});

Deno.test("filtersOf() gets of a stream what a pattern selects, and asks for no more than it has", () => {
  const streams = fc.array(subjects, { minLength: 1, maxLength: 3 });
  fc.assert(fc.property(patterns, topics, streams, (pattern, topic, stream) => {
    const filters = filtersOf(pattern, stream);
    for (const filter of filters) {
      assert.ok(stream.some((outer) => isWithin(filter, outer)), filter);
    }
    const isThere = stream.some((outer) => isWithin(topic, outer));
    if (!isThere || !compileTopic(pattern)(topic)) return;
    assert.ok(filters.some((filter) => isWithin(topic, filter)));
  }));
});

Deno.test("overlaps() finds every pair with a message in common", () => {
  fc.assert(fc.property(subjects, subjects, topics, (one, other, topic) => {
    if (!isWithin(topic, one) || !isWithin(topic, other)) return;
    assert.ok(overlaps(one, other), `${one} ${other}`);
  }));
  assert.equal(overlaps("a.*", "b.>"), false);
  assert.equal(overlaps("a", "a.>"), false);
});

Deno.test("a pattern of NATS is read as one of topics", () => {
  assert.equal(topicPattern("order.>"), "order.*.**");
  assert.equal(topicPattern(">"), "*.**");
  assert.equal(topicPattern("a.b>"), "a.b>");
});

Deno.test("what is no subject is refused, and so is what commands the server", () => {
  const refusal = (text: string) => {
    try {
      new Topics().refuse(text);
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.equal(refusal("order.paid"), "");
  assert.match(refusal("a b"), /NATS has no white space in subjects/);
  assert.match(refusal("a..b"), /NATS has no empty segments in subjects/);
  assert.match(refusal("a.>"), /NATS has ">" as a wildcard only/);
  assert.match(refusal("a.*"), /those stand in patterns/);
  assert.match(refusal("$JS.API.STREAM.DELETE.x"), /for itself/);
  assert.match(refusal("_INBOX.x"), /for itself/);
  assert.throws(() => refuseSubjects("a.>.b"), /only at the end/);
  assert.throws(() => refuseSubjects("$SYS.>"), /for itself/);
});
