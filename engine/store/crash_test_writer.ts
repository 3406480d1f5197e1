/**
 * The process that `crash_test.ts` kills: writes to the store that its argument
 * names until it dies, and prints every write that was acknowledged.
 *
 * @module
 */
import { openStore } from "./open.ts";

const WRITERS = 20;
const LARGE_BYTES = 300_000;

const url = Deno.args[0] ?? "";
const store = await openStore(url, { now: () => 0 });
const encoder = new TextEncoder();
await Promise.all(Array.from({ length: WRITERS }, (_, i) => write(i)));

async function write(writer: number): Promise<void> {
  for (let count = 1;; count++) {
    // The first writer writes large values, all others rows and a counter.
    const sets = writer === 0
      ? [{
        key: ["large"],
        value: `${count}:`.padEnd(LARGE_BYTES + count, "x"),
      }]
      : [
        { key: ["row", writer, count], value: count },
        { key: ["count", writer], value: count },
      ];
    const result = await store.commit({ sets });
    if (!result.ok) {
      throw new Error(`Cannot write ${writer} ${count}: conflict`);
    }
    Deno.stdout.writeSync(encoder.encode(`${writer} ${count}\n`));
  }
}
