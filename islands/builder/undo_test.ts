import assert from "node:assert/strict";
import { GROUP_MS, History, STEPS_MAX, WEIGHT_MAX } from "./undo.ts";

Deno.test("History goes back step by step, and forth again", () => {
  const history = new History<string>();
  history.remember("a", { label: "Add b", at: 0 });
  history.remember("ab", { label: "Add c", at: 0 });
  assert.equal(history.undoLabel.value, "Add c");
  assert.equal(history.undo("abc"), "ab");
  assert.equal(history.redoLabel.value, "Add c");
  assert.equal(history.undo("ab"), "a");
  assert.equal(history.undo("a"), undefined);
  assert.equal(history.redo("a"), "ab");
  assert.equal(history.redo("ab"), "abc");
  assert.equal(history.redo("abc"), undefined);
});

Deno.test("History takes edits of one field that follow on each other for one step", () => {
  const history = new History<string>();
  const edit = (moment: string, key: string, at: number) =>
    history.remember(moment, { label: `Edit ${key}`, key, at });
  edit("", "name", 0);
  edit("a", "name", GROUP_MS - 1);
  edit("ab", "other", GROUP_MS);
  edit("abc", "name", GROUP_MS + 1);
  edit("abcd", "name", 2 * GROUP_MS + 1);
  const seen: (string | undefined)[] = [];
  let present = "abcde";
  for (;;) {
    const before = history.undo(present);
    if (before === undefined) break;
    seen.push(before);
    present = before;
  }
  assert.deepEqual(seen, ["abcd", "abc", "ab", ""]);
});

Deno.test("History forgets what was taken back when something else is done, and the oldest steps", () => {
  const history = new History<number>();
  history.remember(0, { label: "one", at: 0 });
  history.undo(1);
  history.remember(0, { label: "another", at: 0 });
  assert.equal(history.redo(2), undefined);
  for (let step = 0; step < STEPS_MAX + 10; step++) {
    history.remember(step, { label: "more", at: 0 });
  }
  let count = 0;
  while (history.undo(-1) !== undefined) count++;
  assert.equal(count, STEPS_MAX);
});

Deno.test("History keeps no more than may be kept, but always the last step", () => {
  const history = new History<number>((weight) => weight);
  for (const moment of [1, WEIGHT_MAX / 2, WEIGHT_MAX / 2]) {
    history.remember(moment, { label: "more", at: 0 });
  }
  assert.equal(history.undo(0), WEIGHT_MAX / 2);
  assert.equal(history.undo(0), WEIGHT_MAX / 2);
  assert.equal(history.undo(0), undefined);
  history.remember(WEIGHT_MAX + 1, { label: "too much", at: 0 });
  assert.equal(history.undo(0), WEIGHT_MAX + 1);
});
