import assert from "node:assert/strict";
import { inTurn, LOADS_MAX } from "./load_turns.ts";

Deno.test("so many load at once, the others in their turn, and none that is over before", () => {
  const begun: number[] = [];
  const ends = Array.from(
    { length: LOADS_MAX + 3 },
    (_, n) => inTurn(() => void begun.push(n)),
  );
  assert.equal(begun.length, LOADS_MAX);
  ends[LOADS_MAX]?.();
  ends[0]?.();
  ends[0]?.();
  assert.deepEqual(begun.slice(LOADS_MAX), [LOADS_MAX + 1]);
  for (const end of ends) end();
  assert.deepEqual(begun.slice(LOADS_MAX), [LOADS_MAX + 1, LOADS_MAX + 2]);
});
