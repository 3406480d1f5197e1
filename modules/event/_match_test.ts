import assert from "node:assert/strict";
import fc from "fast-check";
import type { EventPattern } from "@engine/services/event_processor.ts";
import { matchPattern, type SeenEvent } from "./_match.ts";

const NOW_MS = 1_000_000;

function pattern(changes: Partial<EventPattern> = {}): EventPattern {
  return {
    id: "p",
    eventTypes: ["a"],
    windowMs: 1_000,
    condition: "count",
    minOccurs: 1,
    maxOccurs: 0,
    orderMatters: false,
    consume: true,
    ...changes,
  };
}

/** One event for each word, all of them now. */
function events(words: string, at = NOW_MS): SeenEvent[] {
  return words.split(" ").filter((word) => word !== "")
    .map((eventType, index) => ({ sequence: index + 1, at, eventType }));
}

/** The numbers of the events that match. */
function found(
  changes: Partial<EventPattern>,
  seen: readonly SeenEvent[],
  usedThrough = 0,
): readonly number[] | undefined {
  return matchPattern(pattern(changes), seen, { nowMs: NOW_MS, usedThrough })
    ?.map(({ sequence }) => sequence);
}

Deno.test("matchPattern() wants minOccurs events of the types, however many others there are", () => {
  for (const condition of ["count", ""] as const) {
    const three = { condition, minOccurs: 3, eventTypes: ["a", "b"] };
    assert.equal(found(three, events("a x b y z")), undefined, condition);
    assert.deepEqual(found(three, events("a x b y a")), [1, 3, 5], condition);
    assert.deepEqual(found(three, events("b b b b")), [1, 2, 3, 4], condition);
  }
});

Deno.test("matchPattern() never matches without an event", () => {
  for (const condition of ["count", "all", "sequence", ""] as const) {
    const none = { condition, minOccurs: 0 };
    assert.equal(found(none, []), undefined);
    assert.equal(found(none, events("x y")), undefined);
    assert.deepEqual(found(none, events("a")), [1]);
  }
});

Deno.test("matchPattern() wants at most maxOccurs events, and any number for 0", () => {
  const two = { minOccurs: 1, maxOccurs: 2 };
  assert.deepEqual(found(two, events("a a")), [1, 2]);
  assert.equal(found(two, events("a a a")), undefined);
  assert.deepEqual(found({ maxOccurs: 0 }, events("a a a")), [1, 2, 3]);
});

Deno.test("matchPattern() wants for all each type, in any order", () => {
  const all = { condition: "all", eventTypes: ["a", "b", "c"] } as const;
  assert.equal(found(all, events("a b b a")), undefined);
  assert.deepEqual(found(all, events("c x b a a")), [1, 3, 4, 5]);
  const many = { ...all, minOccurs: 4 };
  assert.equal(found(many, events("c b a")), undefined);
  assert.deepEqual(found(many, events("c b a b")), [1, 2, 3, 4]);
});

Deno.test("matchPattern() wants for a sequence the types in order, with anything in between", () => {
  const sequence = {
    condition: "sequence",
    eventTypes: ["a", "b", "c"],
  } as const;
  assert.deepEqual(found(sequence, events("a b c")), [1, 2, 3]);
  assert.deepEqual(found(sequence, events("a x b y c")), [1, 3, 5]);
  assert.deepEqual(found(sequence, events("b a c b a c")), [1, 2, 3, 4, 5, 6]);
  for (const wrong of ["c b a", "b c a", "a c b", "a b", "b c", "c a b"]) {
    assert.equal(found(sequence, events(wrong)), undefined, wrong);
  }
});

Deno.test("matchPattern() wants a type twice where a sequence names it twice", () => {
  const twice = {
    condition: "sequence",
    eventTypes: ["a", "a", "b"],
  } as const;
  assert.equal(found(twice, events("a b")), undefined);
  assert.equal(found(twice, events("a b a")), undefined);
  assert.deepEqual(found(twice, events("a a b")), [1, 2, 3]);
});

Deno.test("matchPattern() wants order under every condition where it matters", () => {
  for (const condition of ["count", "all", "sequence", ""] as const) {
    const ordered = { condition, orderMatters: true, eventTypes: ["a", "b"] };
    assert.equal(found(ordered, events("b a")), undefined, condition);
    assert.equal(found(ordered, events("a a")), undefined, condition);
    assert.deepEqual(found(ordered, events("b a b")), [1, 2, 3], condition);
  }
});

Deno.test("matchPattern() counts what is younger than the window, to the millisecond", () => {
  const at = (ms: number) => events("a", ms);
  assert.deepEqual(found({}, at(NOW_MS - 999)), [1]);
  assert.equal(found({}, at(NOW_MS - 1_000)), undefined);
  const mixed = [
    { sequence: 1, at: NOW_MS - 1_000, eventType: "a" },
    { sequence: 2, at: NOW_MS - 999, eventType: "a" },
    { sequence: 3, at: NOW_MS, eventType: "a" },
  ];
  assert.equal(found({ minOccurs: 3 }, mixed), undefined);
  assert.deepEqual(found({ minOccurs: 2 }, mixed), [2, 3]);
});

Deno.test("matchPattern() counts what a clock that was put back left ahead, within a window", () => {
  assert.deepEqual(found({}, events("a", NOW_MS + 999)), [1]);
  assert.equal(found({}, events("a", NOW_MS + 1_000)), undefined);
});

Deno.test("matchPattern() goes by the order of arrival, whatever the times say", () => {
  const sequence = { condition: "sequence", eventTypes: ["a", "b"] } as const;
  const putBack = [
    { sequence: 1, at: NOW_MS + 500, eventType: "a" },
    { sequence: 2, at: NOW_MS, eventType: "b" },
  ];
  assert.deepEqual(found(sequence, putBack), [1, 2]);
  const backwards = [
    { sequence: 1, at: NOW_MS, eventType: "b" },
    { sequence: 2, at: NOW_MS - 500, eventType: "a" },
  ];
  assert.equal(found(sequence, backwards), undefined);
});

Deno.test("matchPattern() passes over what is used up", () => {
  const three = { minOccurs: 3 };
  assert.equal(found(three, events("a a a a a"), 3), undefined);
  assert.deepEqual(found(three, events("a a a a a a"), 3), [4, 5, 6]);
});

Deno.test("matchPattern() finds an event by its category as well", () => {
  const seen = [
    { sequence: 1, at: NOW_MS, eventType: "login", category: "security" },
    { sequence: 2, at: NOW_MS, eventType: "logout", category: "security" },
  ];
  assert.deepEqual(found({ eventTypes: ["security"] }, seen), [1, 2]);
  assert.deepEqual(found({ eventTypes: ["logout"] }, seen), [2]);
  const mixed = {
    condition: "sequence",
    eventTypes: ["login", "security"],
  } as const;
  assert.deepEqual(found(mixed, seen), [1, 2]);
});

Deno.test("matchPattern() passes over what is meant for another pattern", () => {
  const meant = (patternId: string) =>
    events("a").map((event) => ({ ...event, patternId }));
  assert.deepEqual(found({}, meant("p")), [1]);
  assert.equal(found({}, meant("q")), undefined);
});

const type = fc.constantFrom("a", "b", "c", "x");
const types = fc.array(fc.constantFrom("a", "b", "c"), {
  minLength: 1,
  maxLength: 4,
});

Deno.test("matchPattern() finds a sequence exactly where some choice of events spells it", () => {
  fc.assert(fc.property(
    types,
    fc.array(type, { maxLength: 8 }),
    (eventTypes, words) => {
      const spelt = [...Array(2 ** words.length).keys()].some((choice) =>
        words.filter((_, index) => choice & (1 << index)).join() ===
          eventTypes.join()
      );
      const match = found(
        { condition: "sequence", eventTypes },
        events(words.join(" ")),
      );
      assert.equal(match !== undefined, spelt);
    },
  ));
});
