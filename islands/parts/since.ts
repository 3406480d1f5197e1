/**
 * Moments as people say them: `3 min ago`, `in 2 h`.
 *
 * @module
 */
import { lengthText } from "./time.ts";

/** A moment that has been. */
export function agoText(at: number | string, now = Date.now()): string {
  const ms = now - new Date(at).getTime();
  return ms < 1_000 ? "just now" : `${coarse(ms)} ago`;
}

/** A moment that comes. */
export function inText(at: number | string, now = Date.now()): string {
  const ms = new Date(at).getTime() - now;
  return ms < 1_000 ? "now" : `in ${coarse(ms)}`;
}

/** Whole seconds: nobody wants the rest of them. */
function coarse(ms: number): string {
  return lengthText(Math.round(ms / 1_000) * 1_000);
}
