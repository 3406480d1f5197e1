/**
 * Waits for what is to happen outside of the engine.
 *
 * @module
 */

/** How long anything may take, in milliseconds: servers start again meanwhile. */
const MS_MAX = 60_000;

/** Between two looks, in milliseconds. */
const LOOK_MS = 10;

/**
 * Asks until the answer is as expected, and returns it.
 *
 * @throws {Error} with the last answer.
 */
export async function eventually<T>(
  ask: () => Promise<T> | T,
  isExpected: (answer: T) => boolean,
  msMax = MS_MAX,
): Promise<T> {
  const end = Date.now() + msMax;
  for (;;) {
    const answer = await ask();
    if (isExpected(answer)) return answer;
    if (Date.now() > end) {
      throw new Error(`Cannot wait any longer: ${JSON.stringify(answer)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Looks until it is so. @throws {Error} with what is looked at, if it never is. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  msMax = MS_MAX,
): Promise<void> {
  const isTrue = async () => await isSo() || String(isSo);
  await eventually(isTrue, (answer) => answer === true, msMax);
}
