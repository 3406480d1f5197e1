/**
 * Compares secrets without telling by the time it takes how much of a guess was
 * right.
 *
 * @module
 */
import { createHash, timingSafeEqual } from "node:crypto";

/** Makes a comparison with one secret text. */
export function equalTo(secret: string): (guess: string) => boolean {
  const expected = digest(secret);
  return (guess) => timingSafeEqual(digest(guess), expected);
}

/** Digests have one length, so that not even that of the secret shows. */
function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
