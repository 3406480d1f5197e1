import assert from "node:assert/strict";
import fc from "fast-check";
import type { EventPattern } from "@engine/services/event_processor.ts";
import {
  type Advance,
  advance,
  type Buffer,
  DROPPED_PER_COMMIT_MAX,
  EMPTY_BUFFER,
} from "./_buffer.ts";

function pattern(changes: Partial<EventPattern> = {}): EventPattern {
  return {
    id: "p",
    eventTypes: ["a"],
    windowMs: 1_000,
    condition: "count",
    minOccurs: 3,
    maxOccurs: 0,
    orderMatters: false,
    consume: true,
    ...changes,
  };
}

interface World {
  readonly patterns: readonly EventPattern[];
  readonly bufferSize?: number;
  readonly from?: Buffer;
  /** Between two events, in milliseconds. */
  readonly stepMs?: number;
}

/** Adds one event for each word and returns every step. */
function run(
  words: string,
  { patterns, bufferSize = 100, from = EMPTY_BUFFER, stepMs = 1 }: World,
): Advance[] {
  const steps: Advance[] = [];
  let buffer = from;
  for (const eventType of words.split(" ")) {
    const nowMs = (steps.length + 1) * stepMs;
    const step = advance(buffer, { eventType }, {
      patterns,
      nowMs,
      bufferSize,
    });
    assert.ok(step);
    steps.push(step);
    buffer = step.buffer;
  }
  return steps;
}

/** What matched at each step, as `id: numbers`. */
function matches(steps: readonly Advance[]): string[][] {
  return steps.map((step) =>
    step.matches.map(({ pattern, events }) =>
      `${pattern.id}: ${events.map(({ sequence }) => sequence).join(" ")}`
    )
  );
}

Deno.test("advance() fires a pattern once for the same events", () => {
  const steps = run("a a a a a a a", { patterns: [pattern()] });
  assert.deepEqual(
    matches(steps),
    [[], [], ["p: 1 2 3"], [], [], ["p: 4 5 6"], []],
  );
});

Deno.test("advance() fires again for each event of a pattern that consumes nothing", () => {
  const steps = run("a a a b a", { patterns: [pattern({ consume: false })] });
  assert.deepEqual(
    matches(steps),
    [[], [], ["p: 1 2 3"], [], ["p: 1 2 3 5"]],
  );
});

Deno.test("advance() uses events up for the pattern that matched only", () => {
  const patterns = [
    pattern({ minOccurs: 2 }),
    pattern({ id: "q", minOccurs: 3 }),
    pattern({
      id: "r",
      eventTypes: ["a", "b"],
      condition: "sequence",
      minOccurs: 1,
    }),
  ];
  assert.deepEqual(matches(run("a a a b b", { patterns })), [
    [],
    ["p: 1 2"],
    ["q: 1 2 3"],
    ["r: 1 2 3 4"],
    [],
  ]);
});

Deno.test("advance() drops what is out of every window, and nothing that one still holds", () => {
  const patterns = [
    pattern({ windowMs: 10 }),
    pattern({ id: "q", eventTypes: ["b"], windowMs: 30 }),
  ];
  const steps = run("a b a b", { patterns, stepMs: 10 });
  assert.deepEqual(
    steps.map(({ dropped }) => dropped.map(({ sequence }) => sequence)),
    [[], [1], [], [3]],
  );
  assert.deepEqual(
    steps.at(-1)?.buffer.events.map(({ sequence }) => sequence),
    [2, 4],
  );
  assert.deepEqual(steps.map(({ pushedOut }) => pushedOut), [0, 0, 0, 0]);
});

Deno.test("advance() pushes out the oldest where there is no room, and says so", () => {
  const steps = run("a a a a", {
    patterns: [pattern({ minOccurs: 4 })],
    bufferSize: 2,
  });
  assert.deepEqual(steps.map(({ buffer }) => buffer.events.length), [
    1,
    2,
    2,
    2,
  ]);
  assert.deepEqual(steps.map(({ pushedOut }) => pushedOut), [0, 0, 1, 1]);
  assert.deepEqual(matches(steps).flat(), []);
});

Deno.test("advance() pushes out what is used up without a word", () => {
  const steps = run("a a a a a", {
    patterns: [pattern({ minOccurs: 2 })],
    bufferSize: 2,
  });
  assert.deepEqual(matches(steps).flat(), ["p: 1 2", "p: 3 4"]);
  assert.deepEqual(steps.map(({ pushedOut }) => pushedOut), [0, 0, 0, 0, 0]);
});

Deno.test("advance() drops no more at a time than fits into a commit", () => {
  const many = DROPPED_PER_COMMIT_MAX + 50;
  const patterns = [pattern({ minOccurs: 1_000 })];
  const words = Array(many).fill("a").join(" ");
  const from = run(words, { patterns, bufferSize: many }).at(-1)?.buffer;
  assert.ok(from);
  const later = { patterns, nowMs: 1_000_000, bufferSize: 10 };
  const first = advance(from, { eventType: "a" }, later);
  assert.equal(first?.dropped.length, DROPPED_PER_COMMIT_MAX);
  const second = advance(first.buffer, { eventType: "a" }, later);
  assert.equal(second?.dropped.length, 50);
  assert.equal(second.buffer.events.length, 2);
});

Deno.test("advance() counts an event with an id once", () => {
  const rules = { patterns: [pattern()], nowMs: 1, bufferSize: 10 };
  const first = advance(EMPTY_BUFFER, { eventType: "a", id: "m1" }, rules);
  assert.ok(first);
  assert.equal(
    advance(first.buffer, { eventType: "a", id: "m1" }, rules),
    undefined,
  );
  assert.ok(advance(first.buffer, { eventType: "a", id: "m2" }, rules));
});

Deno.test("advance() forgets marks that no event is left for", () => {
  const patterns = [pattern({ minOccurs: 1, windowMs: 5 })];
  const [first, second] = run("a a", { patterns, stepMs: 10 });
  assert.deepEqual(first?.buffer.used, { p: 1 });
  assert.deepEqual(second?.buffer.used, { p: 2 });
  const other = [pattern({ id: "q", eventTypes: ["b"] })];
  const [third] = run("b", { patterns: other, from: second?.buffer });
  assert.deepEqual(third?.buffer.used, {});
});

Deno.test("advance() keeps a pattern that is called like a part of every object", () => {
  const patterns = [pattern({ id: "constructor", minOccurs: 1 })];
  assert.deepEqual(matches(run("a a", { patterns })), [
    ["constructor: 1"],
    ["constructor: 2"],
  ]);
});

Deno.test("advance() never counts an event twice, and stays within its size", () => {
  const words = fc.array(fc.constantFrom("a", "b", "c"), {
    minLength: 1,
    maxLength: 40,
  });
  const condition = fc.constantFrom(
    "count",
    "all",
    "sequence",
    "",
  ) as fc.Arbitrary<
    EventPattern["condition"]
  >;
  fc.assert(fc.property(
    words,
    condition,
    fc.integer({ min: 0, max: 4 }),
    fc.integer({ min: 1, max: 8 }),
    fc.integer({ min: 1, max: 12 }),
    (words, condition, minOccurs, bufferSize, windowMs) => {
      const eventTypes = ["a", "b"];
      const one = pattern({ condition, minOccurs, windowMs, eventTypes });
      const steps = run(words.join(" "), { patterns: [one], bufferSize });
      const counted = steps.flatMap(({ matches }) => matches)
        .flatMap(({ events }) => events.map(({ sequence }) => sequence));
      assert.equal(new Set(counted).size, counted.length);
      assert.deepEqual(counted, counted.toSorted((a, b) => a - b));
      for (const { buffer } of steps) {
        assert.ok(buffer.events.length <= bufferSize);
      }
    },
  ));
});
