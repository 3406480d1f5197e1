/**
 * Turns keys into bytes that sort like keys, and back, for databases that compare
 * bytes. The form is Deno KV's (that of FoundationDB's tuples), so that a key takes
 * exactly the bytes that `keyBytes` counts. It is written to databases: it must
 * never change.
 *
 * @module
 */
import { keyBytes } from "./key.ts";
import type { Key, KeyPart, Range } from "./store.ts";

const END = 0x00;
/** Follows a zero that is part of text or bytes, and so is not their end. */
const ESCAPE = 0xff;
const BYTES = 0x01;
const STRING = 0x02;
/** A bigint's tag is this, plus or minus the length of its magnitude in bytes. */
const BIGINT_ZERO = 0x14;
/** Up to so many bytes of a magnitude; beyond, the length stands in a byte. */
const BIGINT_SHORT_MAX = 8;
const BIGINT_LONG = BIGINT_SHORT_MAX + 1;
const NUMBER = 0x21;
const FALSE = 0x26;
const TRUE = 0x27;
/** Above every tag. */
const BEHIND_TAGS = 0x28;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The bounds of a range as binary keys: `start` inclusive, `end` exclusive. */
export interface BinaryRange {
  readonly start: Uint8Array;
  readonly end: Uint8Array;
}

/**
 * The bytes of a key, which compare like keys do.
 *
 * @throws {TypeError | RangeError} It is no valid key, see `encodeKey`.
 */
export function binaryKey(key: Key): Uint8Array {
  return encode(key, keyBytes(key));
}

/** The key whose bytes these are. */
export function keyOfBinary(bytes: Uint8Array): Key {
  const reader = new Reader(bytes);
  const parts: KeyPart[] = [];
  while (!reader.isAtEnd) parts.push(reader.part());
  return parts;
}

/** The bounds of a range; `start` may lie behind `end`: nothing is in it. */
export function binaryRange(range: Range): BinaryRange {
  if ("prefix" in range) {
    const prefix = binaryParts(range.prefix);
    return { start: append(prefix, BYTES), end: append(prefix, BEHIND_TAGS) };
  }
  return { start: binaryParts(range.start), end: binaryParts(range.end) };
}

/** The smallest bytes behind a binary key and before every other key. */
export function binaryBehind(key: Uint8Array): Uint8Array {
  return append(key, END);
}

/** Negative if `a` sorts before `b`, positive if behind, 0 if they are equal. */
export function compareBinary(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Like `binaryKey`, and accepts the empty prefix. */
function binaryParts(parts: Key): Uint8Array {
  return parts.length === 0 ? new Uint8Array(0) : binaryKey(parts);
}

function append(bytes: Uint8Array, byte: number): Uint8Array {
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  longer[bytes.length] = byte;
  return longer;
}

function encode(key: Key, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of key) {
    if (typeof part === "string") {
      bytes[at] = STRING;
      at = putEscaped(bytes, at + 1, encoder.encode(part));
    } else if (typeof part === "number") {
      bytes[at] = NUMBER;
      at = putNumber(bytes, at + 1, part);
    } else if (typeof part === "bigint") {
      at = putBigint(bytes, at, part);
    } else if (typeof part === "boolean") {
      bytes[at++] = part ? TRUE : FALSE;
    } else {
      bytes[at] = BYTES;
      at = putEscaped(bytes, at + 1, part);
    }
  }
  return bytes;
}

function putEscaped(
  bytes: Uint8Array,
  start: number,
  content: Uint8Array,
): number {
  let at = start;
  for (const byte of content) {
    bytes[at++] = byte;
    if (byte === END) bytes[at++] = ESCAPE;
  }
  bytes[at++] = END;
  return at;
}

/** The bits of a double sort like it once the sign is flipped, or all if negative. */
function putNumber(bytes: Uint8Array, at: number, value: number): number {
  const view = new DataView(bytes.buffer, at, 8);
  // Adding zero takes the sign off negative zero, which is the same key as zero.
  view.setFloat64(0, value + 0);
  flipNumber(view, (view.getUint8(0) & 0x80) !== 0);
  return at + 8;
}

function flipNumber(view: DataView, isNegative: boolean): void {
  const high = view.getUint32(0);
  view.setUint32(0, isNegative ? ~high : high ^ 0x80000000);
  if (isNegative) view.setUint32(4, ~view.getUint32(4));
}

/** A longer magnitude is further from zero, so its length goes first. */
function putBigint(bytes: Uint8Array, start: number, value: bigint): number {
  const isNegative = value < 0n;
  const flip = isNegative ? 0xff : 0;
  const sign = isNegative ? -1 : 1;
  const hex = (isNegative ? -value : value).toString(16);
  const magnitude = value === 0n
    ? new Uint8Array(0)
    : Uint8Array.fromHex(hex.length % 2 === 1 ? `0${hex}` : hex);
  const { length } = magnitude;
  let at = start;
  bytes[at++] = BIGINT_ZERO + sign * Math.min(length, BIGINT_LONG);
  if (length > BIGINT_SHORT_MAX) bytes[at++] = length ^ flip;
  for (const byte of magnitude) bytes[at++] = byte ^ flip;
  return at;
}

/** Reads a binary key part by part. */
class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  part(): KeyPart {
    const tag = this.#byte();
    switch (tag) {
      case BYTES:
        return this.#escaped();
      case STRING:
        return decoder.decode(this.#escaped());
      case NUMBER:
        return this.#number();
      case FALSE:
        return false;
      case TRUE:
        return true;
      default:
        return this.#bigint(tag);
    }
  }

  #escaped(): Uint8Array {
    const content: number[] = [];
    while (true) {
      const byte = this.#byte();
      if (byte === END) {
        if (this.#bytes[this.#at] !== ESCAPE) return new Uint8Array(content);
        this.#at++;
      }
      content.push(byte);
    }
  }

  #number(): number {
    const view = new DataView(this.#take(8).buffer);
    // What was negative has lost its sign to the flip.
    flipNumber(view, (view.getUint8(0) & 0x80) === 0);
    return view.getFloat64(0);
  }

  #bigint(tag: number): bigint {
    const signed = tag - BIGINT_ZERO;
    if (Math.abs(signed) > BIGINT_LONG) throw this.#error(`the tag ${tag}`);
    if (signed === 0) return 0n;
    const isNegative = signed < 0;
    const flip = isNegative ? 0xff : 0;
    const length = Math.abs(signed) === BIGINT_LONG
      ? this.#byte() ^ flip
      : Math.abs(signed);
    const magnitude = this.#take(length).map((byte) => byte ^ flip);
    const value = BigInt(`0x${magnitude.toHex()}`);
    return isNegative ? -value : value;
  }

  #take(count: number): Uint8Array {
    const taken = this.#bytes.slice(this.#at, this.#at + count);
    if (taken.length < count) throw this.#error("its end");
    this.#at += count;
    return taken;
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw this.#error("its end");
    return byte;
  }

  #error(found: string): Error {
    return new Error(
      `Cannot read the key ${this.#bytes.toHex()}: found ${found} ` +
        `at byte ${this.#at - 1}, expected a key that this engine has written`,
    );
  }
}
