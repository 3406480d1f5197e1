import assert from "node:assert/strict";
import fc from "fast-check";
import { Pending } from "./pending.ts";

Deno.test("what is under way is found by its number and in its order, whatever comes and goes", () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(200))), (steps) => {
      const pending = new Pending<{ readonly id: number }>();
      const model = new Map<number, { readonly id: number }>();
      for (const step of steps.flatMap((step) => [step, null, null])) {
        if (step === null) {
          const item = { id: pending.nextId() };
          assert.equal(model.has(item.id), false);
          pending.add(item);
          model.set(item.id, item);
        } else {
          const item = model.get(step) ?? { id: step };
          pending.delete(item);
          model.delete(step);
        }
        assert.equal(pending.size, model.size);
      }
      assert.deepEqual(pending.all(), [...model.values()]);
      for (let id = 0; id < 700; id++) {
        assert.equal(pending.get(id), model.get(id));
      }
    }),
  );
});

Deno.test("what is no number of anything is of nothing", () => {
  const pending = new Pending<{ readonly id: number }>();
  pending.add({ id: pending.nextId() });
  const odd = [0, 1.5, -1, 17, 2 ** 53, NaN, "1", null, [1], true];
  for (const id of [...odd, undefined, { toString: 1, valueOf: 1 }]) {
    assert.equal(pending.get(id), undefined);
  }
  assert.equal(pending.get(1)?.id, 1);
});
