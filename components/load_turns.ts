/**
 * Whose turn it is to load: so many components at once, however many start
 * together. How long one may take to load is counted from its turn on.
 *
 * @module
 */

/** How many components load at once. */
export const LOADS_MAX = 16;

const waiting = new Set<() => void>();
let underWay = 0;

/**
 * Begins now or later.
 *
 * @returns what is to be called when it is over, also if it never had its turn.
 */
export function inTurn(begin: () => void): () => void {
  let isBegun = false;
  let isOver = false;
  function start(): void {
    isBegun = true;
    underWay++;
    begin();
  }
  if (underWay < LOADS_MAX) start();
  else waiting.add(start);
  return () => {
    if (isOver) return;
    isOver = true;
    if (!isBegun) return void waiting.delete(start);
    underWay--;
    const [next] = waiting;
    if (next === undefined) return;
    waiting.delete(next);
    next();
  };
}
