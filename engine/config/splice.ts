/**
 * Changes of a text as data: what an editor applies, undoes and keeps.
 *
 * @module
 */

/** Replaces the text from `start` to `end` (exclusive). */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The text after some splices, all of which speak of the text before. They do
 * not overlap; of two at one place the first comes first.
 */
export function applySplices(text: string, splices: readonly Splice[]): string {
  let result = "";
  let at = 0;
  for (const { start, end, text: inserted } of sorted(splices)) {
    result += text.slice(at, start) + inserted;
    at = end;
  }
  return result + text.slice(at);
}

/** What takes splices back; speaks of the text after them. */
export function invertSplices(
  text: string,
  splices: readonly Splice[],
): readonly Splice[] {
  let shift = 0;
  return sorted(splices).map(({ start, end, text: inserted }) => {
    const from = start + shift;
    shift += inserted.length - (end - start);
    return {
      start: from,
      end: from + inserted.length,
      text: text.slice(start, end),
    };
  });
}

/** One list of splices for two that follow each other. */
export function composeSplices(
  first: readonly Splice[],
  second: readonly Splice[],
): readonly Splice[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const { start, end, text } of sorted(first)) {
    if (start > at) pieces.push({ from: at, to: start });
    if (text !== "") pieces.push({ text });
    at = end;
  }
  pieces.push({ from: at, to: Infinity });
  return asSplices(spliced(pieces, sorted(second)));
}

/** The shortest splice that leads from one text to another, if they differ. */
export function spliceBetween(
  before: string,
  after: string,
): readonly Splice[] {
  if (before === after) return [];
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start++;
  let same = 0;
  while (
    same < most - start &&
    before[before.length - 1 - same] === after[after.length - 1 - same]
  ) same++;
  return [{
    start,
    end: before.length - same,
    text: after.slice(start, after.length - same),
  }];
}

/** A part of the result: kept from the text before, or new. */
type Piece =
  | { readonly from: number; readonly to: number; readonly text?: undefined }
  | { readonly text: string };

function spliced(
  pieces: readonly Piece[],
  splices: readonly Splice[],
): readonly Piece[] {
  const result: Piece[] = [];
  const reader = new PieceReader(pieces);
  let at = 0;
  for (const { start, end, text } of splices) {
    result.push(...reader.take(start - at));
    if (text !== "") result.push({ text });
    reader.take(end - start);
    at = end;
  }
  return [...result, ...reader.take(Infinity)];
}

/** Hands out pieces by length. */
class PieceReader {
  readonly #pieces: readonly Piece[];
  #index = 0;
  /** How much of the piece at the index is taken. */
  #taken = 0;

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces;
  }

  take(length: number): readonly Piece[] {
    const taken: Piece[] = [];
    let missing = length;
    while (missing > 0) {
      const piece = this.#pieces[this.#index];
      if (piece === undefined) break;
      const rest = lengthOf(piece) - this.#taken;
      const count = Math.min(rest, missing);
      taken.push(part(piece, this.#taken, this.#taken + count));
      missing -= count;
      this.#taken += count;
      if (count === rest) {
        this.#index++;
        this.#taken = 0;
      }
    }
    return taken;
  }
}

function lengthOf(piece: Piece): number {
  return piece.text === undefined ? piece.to - piece.from : piece.text.length;
}

function part(piece: Piece, from: number, to: number): Piece {
  return piece.text === undefined
    ? { from: piece.from + from, to: piece.from + to }
    : { text: piece.text.slice(from, to) };
}

/** What lies between two kept pieces is one splice. */
function asSplices(pieces: readonly Piece[]): readonly Splice[] {
  const splices: Splice[] = [];
  let at = 0;
  let text = "";
  for (const piece of pieces) {
    if (piece.text !== undefined) {
      text += piece.text;
      continue;
    }
    if (piece.from > at || text !== "") {
      splices.push({ start: at, end: piece.from, text });
    }
    at = piece.to;
    text = "";
  }
  return splices;
}

function sorted(splices: readonly Splice[]): readonly Splice[] {
  return splices.toSorted((a, b) => a.start - b.start || a.end - b.end);
}
