/**
 * Turns keys into strings that sort like keys, so that a store can keep them in
 * a `Map` and compare them with `<`. The order and the sizes are Deno KV's. The
 * form lives in memory only: it holds code units that no file should.
 *
 * @module
 */
import type { Key, KeyPart, Range } from "./store.ts";

/** The longest magnitude of a bigint in a key, as in Deno KV. */
export const BIGINT_BYTES_MAX = 255;

const BYTES = "\x01";
const STRING = "\x02";
const BIGINT = "\x03";
const NUMBER = 4;
const FALSE = "\x05";
const TRUE = "\x06";
/** Below every tag and above every tag: what stands before and behind a prefix. */
const FIRST_TAG = BYTES;
const BEHIND_TAGS = "\x07";

/** A string part with one of these needs more than a tag and a terminator. */
const SPECIAL = /[\0\ud800-\uffff]/;
const HIGH = /[\ud800-\uffff]/;

const float = new Float64Array(1);
const floatBytes = new DataView(float.buffer);

/** The bounds of a range as encoded keys: `start` inclusive, `end` exclusive. */
export interface EncodedRange {
  readonly start: string;
  readonly end: string;
}

/**
 * The comparable form of a key: `encodeKey(a) < encodeKey(b)` if and only if `a`
 * sorts before `b`, and equal strings mean equal keys.
 *
 * @throws {TypeError} The key is empty, or a part is NaN, not well-formed text,
 * or of another type.
 * @throws {RangeError} A bigint has more than 255 bytes.
 */
export function encodeKey(key: Key): string {
  if (key.length === 0) throw emptyKey();
  return encodeParts(key);
}

/** Like `encodeKey`, and accepts the empty prefix, under which every key is. */
export function encodeParts(parts: Key): string {
  let text = "";
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    if (typeof part === "string") {
      text += SPECIAL.test(part)
        ? STRING + escapeText(parts, part) + "\0"
        : STRING + part + "\0";
    } else if (typeof part === "number") {
      text += encodeNumber(parts, part);
    } else {
      text += encodeRarePart(parts, part);
    }
  }
  return text;
}

/** Negative if `a` sorts before `b`, positive if behind, 0 if they are equal. */
export function compareKeys(a: Key, b: Key): number {
  const left = encodeParts(a);
  const right = encodeParts(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The encoded bounds of a range; `start` may lie behind `end`: nothing is in it. */
export function encodeRange(range: Range): EncodedRange {
  if ("prefix" in range) {
    const prefix = encodeParts(range.prefix);
    return { start: prefix + FIRST_TAG, end: prefix + BEHIND_TAGS };
  }
  return { start: encodeParts(range.start), end: encodeParts(range.end) };
}

/** The smallest string behind an encoded key and before every other key. */
export function encodedBehind(id: string): string {
  return id + "\0";
}

/** The smallest key under a prefix; the prefix itself is not under it. */
export function firstUnder(prefix: Key): Key {
  return [...prefix, new Uint8Array(0)];
}

/**
 * The size of a key in bytes, as Deno KV counts it. Refuses what `encodeKey`
 * refuses, and is cheaper.
 */
export function keyBytes(key: Key): number {
  if (key.length === 0) throw emptyKey();
  let bytes = 0;
  for (let i = 0; i < key.length; i++) {
    const part = key[i];
    const size = part === undefined ? NaN : partBytes(part);
    // Encoding has the words for what is wrong.
    if (Number.isNaN(size)) encodeParts(key);
    bytes += size;
  }
  return bytes;
}

/** A copy that no caller can change, but for the content of bytes in it. */
export function copyKey(key: Key): Key {
  for (let i = 0; i < key.length; i++) {
    if (typeof key[i] === "object") return copyKeyWithBytes(key);
  }
  return Object.freeze(key.slice());
}

/**
 * Text whose code units sort like the code points of `text` do. The two orders
 * differ only where surrogates meet U+E000 to U+FFFF, so those swap places.
 */
export function sortableText(text: string): string {
  if (!HIGH.test(text)) return text;
  let sortable = "";
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xd800) sortable += text[i];
    else if (unit < 0xe000) sortable += String.fromCharCode(unit + 0x2000);
    else sortable += String.fromCharCode(unit - 0x800);
  }
  return sortable;
}

/** Whether a part of the key is bytes, which cannot be frozen. */
export function hasBytes(key: Key): boolean {
  for (let i = 0; i < key.length; i++) {
    if (typeof key[i] === "object") return true;
  }
  return false;
}

/** A key as messages print it, cut at 200 characters. */
export function formatKey(key: Key): string {
  const text = `[${key.map(formatPart).join(", ")}]`;
  return text.length > 200 ? `${text.slice(0, 197)}...` : text;
}

function formatPart(part: unknown): string {
  if (typeof part === "string") return JSON.stringify(part);
  if (typeof part === "bigint") return `${part}n`;
  if (part instanceof Uint8Array) return `bytes(${part.length})`;
  if (typeof part === "object" && part !== null) return "object";
  return String(part);
}

function copyKeyWithBytes(key: Key): Key {
  return Object.freeze(
    key.map((part) => typeof part === "object" ? new Uint8Array(part) : part),
  );
}

function escapeText(key: Key, text: string): string {
  if (!text.isWellFormed()) {
    throw new TypeError(
      `Cannot use key ${formatKey(key)}: it holds half of a surrogate pair, ` +
        "expected well-formed text",
    );
  }
  return sortableText(text).replaceAll("\0", "\0\xff");
}

/** The bits of a double sort like it once the sign is flipped, or all if negative. */
function encodeNumber(key: Key, part: number): string {
  // NaN has two signs that no code can see, and so no one place in the order.
  if (Number.isNaN(part)) {
    throw new TypeError(
      `Cannot use key ${formatKey(key)}: NaN does not sort, expected a number`,
    );
  }
  // Adding zero takes the sign off negative zero, which is the same key as zero.
  float[0] = part + 0;
  let high = floatBytes.getInt32(4, true);
  let low = floatBytes.getInt32(0, true);
  if (high < 0) {
    high = ~high;
    low = ~low;
  } else {
    high ^= 0x80000000;
  }
  return String.fromCharCode(
    NUMBER,
    high >>> 24,
    (high >>> 16) & 0xff,
    (high >>> 8) & 0xff,
    high & 0xff,
    low >>> 24,
    (low >>> 16) & 0xff,
    (low >>> 8) & 0xff,
    low & 0xff,
  );
}

function encodeRarePart(key: Key, part: KeyPart | undefined): string {
  if (part === true) return TRUE;
  if (part === false) return FALSE;
  if (typeof part === "bigint") return encodeBigint(key, part);
  if (part instanceof Uint8Array) return encodeBytes(part);
  throw new TypeError(
    `Cannot use key ${formatKey(key)}: a part is of type ` +
      `${part === null ? "null" : typeof part}, expected bytes, string, ` +
      "number, bigint or boolean",
  );
}

/** A longer magnitude is further from zero, so its length goes first. */
function encodeBigint(key: Key, part: bigint): string {
  const isNegative = part < 0n;
  const bytes = magnitude(part);
  if (bytes.length > BIGINT_BYTES_MAX) {
    throw new RangeError(
      `Cannot use key ${formatKey(key)}: a bigint has ${bytes.length} bytes, ` +
        `the limit bigintBytes is ${BIGINT_BYTES_MAX} bytes`,
    );
  }
  const flip = isNegative ? 0xff : 0;
  let text = BIGINT + (isNegative ? "\0" : "\x01") +
    String.fromCharCode(bytes.length ^ flip);
  for (const byte of bytes) text += String.fromCharCode(byte ^ flip);
  return text;
}

function magnitude(value: bigint): readonly number[] {
  const bytes: number[] = [];
  let hex = (value < 0n ? -value : value).toString(16);
  if (hex === "0") return bytes;
  if (hex.length % 2 === 1) hex = `0${hex}`;
  for (let i = 0; i < hex.length; i += 2) {
    bytes.push(parseInt(hex.slice(i, i + 2), 16));
  }
  return bytes;
}

function encodeBytes(part: Uint8Array): string {
  return BYTES + latin1(part).replaceAll("\0", "\0\xff") + "\0";
}

/** Bytes as text of one code unit each. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** The size of one part in bytes, as Deno KV counts it; NaN if it is invalid. */
export function partBytes(part: KeyPart): number {
  if (typeof part === "string") return textBytes(part) + 2;
  if (typeof part === "number") return Number.isNaN(part) ? NaN : 9;
  if (typeof part === "boolean") return 1;
  if (typeof part === "bigint") {
    const { length } = magnitude(part);
    if (length > BIGINT_BYTES_MAX) return NaN;
    return length <= 8 ? length + 1 : length + 2;
  }
  if (!(part instanceof Uint8Array)) return NaN;
  let zeros = 0;
  for (let i = 0; i < part.length; i++) if (part[i] === 0) zeros++;
  return part.length + zeros + 2;
}

/** UTF-8 bytes, and one more for each NUL, which is written as two. */
function textBytes(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      if (unit === 0) bytes++;
    } else if (unit < 0x800) bytes++;
    else if (unit < 0xd800 || unit >= 0xe000) bytes += 2;
    // Each half of a pair is two of its four bytes.
    else if (text.isWellFormed()) bytes++;
    else return NaN;
  }
  return bytes;
}

function emptyKey(): TypeError {
  return new TypeError("Cannot use key []: expected at least one part");
}
