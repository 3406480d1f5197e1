/**
 * The random numbers of components. Component hosts get the text of this
 * function, so it refers to nothing outside of itself.
 *
 * @module
 */

/**
 * Numbers from 0 (inclusive) to 1 (exclusive), always the same ones for a key:
 * mulberry32, begun with the FNV-1a hash of the key. Not for secrets.
 */
export function keyedRandom(key: string): () => number {
  let state = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) {
    state = Math.imul(state ^ key.charCodeAt(i), 0x01000193);
  }
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
