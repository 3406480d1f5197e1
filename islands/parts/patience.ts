/**
 * Waits for the engine, but not for ever.
 *
 * @module
 */
import { ApiError } from "../api.ts";

/**
 * Does something that is given up after a time.
 *
 * @param ending Ends it sooner; what it throws then is thrown on.
 * @throws {ApiError} The time was over, or the work has failed.
 */
export async function within<T>(
  limitMs: number,
  work: (signal: AbortSignal) => Promise<T>,
  ending: AbortController = new AbortController(),
): Promise<T> {
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    ending.abort();
  }, limitMs);
  try {
    return await work(ending.signal);
  } catch (error) {
    if (!isOver) throw error;
    throw new ApiError("The engine does not answer", 0, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
