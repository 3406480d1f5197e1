/**
 * Waits for what is to happen outside of the engine.
 *
 * @module
 */

/** How long anything may take, in milliseconds. */
const MS_MAX = 30_000;

/**
 * Asks until the answer is as expected, and returns it.
 *
 * @throws {Error} with the last answer.
 */
export async function eventually<T>(
  ask: () => Promise<T> | T,
  isExpected: (answer: T) => boolean,
): Promise<T> {
  const end = Date.now() + MS_MAX;
  for (;;) {
    const answer = await ask();
    if (isExpected(answer)) return answer;
    if (Date.now() > end) {
      throw new Error(`Cannot wait any longer: ${JSON.stringify(answer)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
