/**
 * Decides by chance what becomes of an attempt at a step.
 *
 * @module
 */
import type { StepContext } from "../define.ts";
import { RetryableError, TerminalError } from "../errors.ts";
import type { JsonValue } from "../store/store.ts";
import type { Chance } from "./chance.ts";
import type { SimulatedProcess } from "./simulated_process.ts";

/** Does an attempt: at once, late, with an error, or never. */
export function outcomeOf(
  process: SimulatedProcess,
  { step, signal }: Pick<StepContext, "step" | "signal">,
  { chance, isBad }: { readonly chance: Chance; readonly isBad: boolean },
): JsonValue | Promise<JsonValue> {
  const output = { by: process.name, step };
  const answer = <T>(ms: number, act: () => T) =>
    new Promise<T>((resolve, reject) => {
      process.after(ms, () => {
        try {
          resolve(act());
        } catch (error) {
          reject(error);
        }
      });
    });
  switch (
    chance.weighted({
      ...{ now: 25, soon: 45, later: 8 },
      fails: isBad ? 14 : 0,
      refuses: isBad ? 7 : 0,
      late: isBad ? 5 : 0,
      never: isBad ? 3 : 0,
      listens: isBad ? 3 : 0,
    })
  ) {
    case "now":
      return output;
    case "soon":
      return answer(chance.delay(300), () => output);
    case "later":
      return answer(chance.delay(6_000), () => output);
    case "fails":
      return answer(chance.delay(500), () => {
        throw new RetryableError("It did not work");
      });
    case "refuses":
      throw new TerminalError("It will not work");
    case "late":
      return answer(chance.between(1_000, 20_000), () => output);
    case "never":
      return new Promise<never>(() => {});
    case "listens":
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      });
  }
}
