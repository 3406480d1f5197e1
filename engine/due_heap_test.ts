import assert from "node:assert/strict";
import fc from "fast-check";
import { type Due, DueHeap } from "./due_heap.ts";

const times = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 200 });

function filled(times: readonly number[]): [DueHeap<Due>, Due[]] {
  const heap = new DueHeap<Due>();
  const items = times.map((atMs, order) => ({ atMs, order }));
  for (const item of items) heap.push(item);
  return [heap, items.toSorted((a, b) => a.atMs - b.atMs)];
}

function drained(heap: DueHeap<Due>): Due[] {
  const items = [];
  for (let first = heap.first; first; first = heap.first) {
    assert.equal(heap.pop(), first);
    items.push(first);
  }
  assert.equal(heap.pop(), undefined);
  assert.equal(heap.size, 0);
  return items;
}

Deno.test("a heap gives the soonest first, and equals in the order they came", () => {
  fc.assert(fc.property(times, (times) => {
    const [heap, sorted] = filled(times);
    assert.equal(heap.size, times.length);
    assert.deepEqual(drained(heap), sorted);
  }));
});

Deno.test("a heap that leaves some out keeps the order of the others", () => {
  fc.assert(fc.property(times, (times) => {
    const [heap, sorted] = filled(times);
    const isKept = ({ order }: Due) => order % 3 !== 0;
    heap.keep(isKept);
    assert.deepEqual(drained(heap), sorted.filter(isKept));
  }));
});
