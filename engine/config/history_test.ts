import assert from "node:assert/strict";
import fc from "fast-check";
import {
  closeEntry,
  type Edit,
  type Edited,
  EMPTY_HISTORY,
  type History,
  record,
  redo,
  undo,
} from "./history.ts";
import { spliceBetween } from "./splice.ts";

const START: Edited = { text: "a: 1\n", layout: { a: { x: 0, y: 0 } } };

/** Records edits one after the other. */
function recorded(
  start: Edited,
  ...edits: ((now: Edited) => Edit)[]
): Edited & { readonly history: History } {
  return edits.reduce(
    (now, edit) => record(now.history, now, edit(now)),
    { ...start, history: EMPTY_HISTORY },
  );
}

function typing(text: string, atMs: number, group?: string) {
  return (now: Edited): Edit => ({
    label: `Type ${text}`,
    splices: spliceBetween(now.text, text),
    atMs,
    ...group === undefined ? {} : { group },
  });
}

Deno.test("undo() and redo() go back and forth, with a label", () => {
  const now = recorded(START, typing("a: 2\n", 0), typing("a: 23\n", 1));
  const back = undo(now.history, now);
  assert.equal(back?.text, "a: 2\n");
  assert.equal(back?.label, "Type a: 23\n");
  const first = back && undo(back.history, back);
  assert.equal(first?.text, START.text);
  assert.equal(first && undo(first.history, first), undefined);
  const again = first && redo(first.history, first);
  assert.equal(again?.text, "a: 2\n");
  const last = again && redo(again.history, again);
  assert.equal(last?.text, "a: 23\n");
  assert.equal(last && redo(last.history, last), undefined);
});

Deno.test("edits of one field are one entry while they follow quickly", () => {
  const now = recorded(
    START,
    typing("a: 12\n", 0, "a"),
    typing("a: 123\n", 900, "a"),
    typing("a: 1234\n", 1_800, "a"),
    typing("a: 12345\n", 3_000, "a"),
  );
  assert.equal(now.history.entries.length, 2);
  const back = undo(now.history, now);
  assert.equal(back?.text, "a: 1234\n");
  const first = back && undo(back.history, back);
  assert.equal(first?.text, START.text);
  assert.equal(first && redo(first.history, first)?.text, "a: 1234\n");
});

Deno.test("edits of other fields, or without one, are entries of their own", () => {
  const now = recorded(
    START,
    typing("a: 2\n", 0, "a"),
    typing("a: 3\n", 1, "b"),
    typing("a: 4\n", 2),
    typing("a: 5\n", 3),
  );
  assert.equal(now.history.entries.length, 4);
});

Deno.test("nothing joins an entry that was undone, redone or closed", () => {
  const now = recorded(START, typing("a: 2\n", 0, "a"));
  const back = undo(now.history, now);
  const again = back && redo(back.history, back);
  assert.ok(again);
  const next = record(again.history, again, typing("a: 3\n", 1, "a")(again));
  assert.equal(next.history.entries.length, 2);
  const closed = closeEntry(now.history);
  const other = record(closed, now, typing("a: 3\n", 1, "a")(now));
  assert.equal(other.history.entries.length, 2);
});

Deno.test("record() forgets what was undone, and the oldest entries", () => {
  const now = recorded(START, typing("a: 2\n", 0), typing("a: 3\n", 1));
  const back = undo(now.history, now);
  assert.ok(back);
  const next = record(back.history, back, typing("a: 4\n", 2)(back));
  assert.equal(redo(next.history, next), undefined);
  assert.equal(undo(next.history, next)?.text, "a: 2\n");
  const few = record(next.history, next, typing("a: 5\n", 3)(next), {
    entriesMax: 1,
  });
  assert.equal(few.history.entries.length, 1);
  assert.equal(undo(few.history, few)?.text, "a: 4\n");
});

Deno.test("moves on the canvas are in the same history", () => {
  const move = (x: number, atMs: number) => (): Edit => ({
    label: "Move a",
    layout: { a: { x, y: 0 }, b: { x, y: 1 } },
    group: "layout",
    atMs,
  });
  const removal = (): Edit => ({
    label: "Remove a",
    splices: [{ start: 0, end: 5, text: "" }],
    layout: { a: null },
    atMs: 9_000,
  });
  const now = recorded(START, move(1, 0), move(2, 10), removal);
  assert.deepEqual(now.layout, { b: { x: 2, y: 1 } });
  assert.equal(now.text, "");
  const back = undo(now.history, now);
  assert.deepEqual(back?.layout, { a: { x: 2, y: 0 }, b: { x: 2, y: 1 } });
  assert.equal(back?.text, START.text);
  const first = back && undo(back.history, back);
  assert.deepEqual(first?.layout, START.layout);
  assert.deepEqual(
    first && redo(first.history, first)?.layout,
    { a: { x: 2, y: 0 }, b: { x: 2, y: 1 } },
  );
});

Deno.test("any edits can be undone to the first text and redone to the last", () => {
  fc.assert(fc.property(
    fc.array(fc.tuple(fc.string(), fc.nat(2_000), fc.constantFrom("a", "b")), {
      maxLength: 12,
    }),
    (edits) => {
      let atMs = 0;
      const all = edits.map(([text, delay, group]) =>
        typing(text, atMs += delay, group)
      );
      const now = recorded(START, ...all);
      let here: Edited & { readonly history: History } = now;
      for (let step = undo(here.history, here); step;) {
        here = step;
        step = undo(here.history, here);
      }
      assert.equal(here.text, START.text);
      for (let step = redo(here.history, here); step;) {
        here = step;
        step = redo(here.history, here);
      }
      assert.equal(here.text, now.text);
      assert.deepEqual(JSON.parse(JSON.stringify(here.history)), here.history);
    },
  ));
});
