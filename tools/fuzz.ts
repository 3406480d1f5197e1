/**
 * Evaluates a hundred thousand generated expressions, or as many as it is told:
 *
 *     deno task fuzz [runs] [seed]
 *
 * What fails is printed with its seed and made as short as it can be.
 *
 * @module
 */
import { fuzzExpressions } from "../engine/expression/_fuzz_test.ts";

const [runs = "100000", seed] = Deno.args;
const { evaluated, slowestMs } = fuzzExpressions({
  runs: Number(runs),
  ...seed === undefined ? {} : { seed: Number(seed) },
});
console.log(
  `${runs} expressions, ${evaluated} of them evaluated, the slowest took ` +
    `${slowestMs.toFixed(1)} ms`,
);
