/**
 * Copies, measures, freezes and encodes what a store holds. A store never shares
 * an object with a writer, and shares frozen ones with its readers: copying once
 * a write and freezing at the first read is the cheapest isolation that is sound.
 *
 * @module
 */
import { formatKey } from "./key.ts";
import type { Key, Value } from "./store.ts";

/** How deep arrays and objects in a value may nest, in levels. */
export const VALUE_DEPTH_MAX = 500;

/** The most bytes that one character counted by `ValueCopier` can take. */
export const CHARACTER_BYTES_MAX = 6;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Marks bytes in their encoded form; no JSON text starts with it. */
const BYTES_TAG = 0;

/**
 * Copies values and adds up their size on the way. Refuses what JSON would lose
 * or change, so that every store gives back what it was given: Dates, NaN,
 * functions, holes, class instances. Drops properties that are undefined, and
 * the sign of zero.
 */
export class ValueCopier {
  /**
   * The length of what was copied since it was last set to 0, as JSON text without
   * escapes. Bytes in UTF-8 are at most `CHARACTER_BYTES_MAX` times that.
   */
  characters = 0;

  /**
   * A copy that shares nothing with `value`.
   *
   * @throws {TypeError} The value is neither JSON nor bytes, or nests too deep.
   */
  copy(value: Value, key: Key): Value {
    if (typeof value !== "object" || value === null) {
      return this.#scalar(value, value, key) as Value;
    }
    if (value instanceof Uint8Array) {
      this.characters += value.length + 1;
      return new Uint8Array(value);
    }
    return this.#compound(value, 1, value, key) as Value;
  }

  #scalar(value: unknown, root: Value, key: Key): unknown {
    switch (typeof value) {
      case "string":
        this.characters += value.length + 2;
        return value;
      case "number":
        if (!Number.isFinite(value)) throw notJson(root, key);
        this.characters += 8;
        // JSON has no negative zero, and adding zero makes it zero.
        return value + 0;
      case "boolean":
        this.characters += 5;
        return value;
      default:
        if (value !== null) throw notJson(root, key);
        this.characters += 4;
        return value;
    }
  }

  #compound(value: object, depth: number, root: Value, key: Key): unknown {
    if (depth > VALUE_DEPTH_MAX) throw notJson(root, key);
    return Array.isArray(value)
      ? this.#array(value, depth, root, key)
      : this.#object(value, depth, root, key);
  }

  #array(value: unknown[], depth: number, root: Value, key: Key): unknown[] {
    const copy = value.slice();
    this.characters += 2 + copy.length;
    for (let i = 0; i < copy.length; i++) {
      const item = copy[i];
      copy[i] = typeof item === "object" && item !== null
        ? this.#compound(item, depth + 1, root, key)
        : this.#scalar(item, root, key);
    }
    return copy;
  }

  #object(value: object, depth: number, root: Value, key: Key): unknown {
    if (!isPlain(value)) throw notJson(root, key);
    // A spread keeps the hidden class, which is what makes this fast, and copies
    // a property named "__proto__" as a property.
    const copy: Record<string, unknown> = { ...value };
    let hasUndefined = false;
    this.characters += 2;
    // deno-lint-ignore guard-for-in -- a plain object inherits nothing enumerable
    for (const name in copy) {
      const item = copy[name];
      this.characters += name.length + 4;
      if (typeof item === "object" && item !== null) {
        copy[name] = this.#compound(item, depth + 1, root, key);
      } else if (item === undefined) {
        hasUndefined = true;
      } else if (typeof item === "string") {
        this.characters += item.length + 2;
      } else {
        copy[name] = this.#scalar(item, root, key);
      }
    }
    return hasUndefined ? withoutUndefined(copy) : copy;
  }
}

/** Freezes a value that no one else holds, at every level. Bytes stay as they are. */
export function freezeValue<T extends Value>(value: T): T {
  if (!(value instanceof Uint8Array)) freezeJson(value);
  return value;
}

/**
 * Whether a `ValueCopier` may count more than `most` characters; if not, it counts
 * no more. Looks at no more of the value than it takes to know.
 */
export function hasMoreCharacters(value: Value, most: number): boolean {
  return charactersLeft(value, most) < 0;
}

/**
 * What is left of `most` characters after a value, or less than 0; from there on
 * it is not counted any further.
 */
export function charactersLeft(value: unknown, most: number): number {
  if (typeof value === "string") return most - value.length - 2;
  if (typeof value !== "object" || value === null) return most - 8;
  if (value instanceof Uint8Array) return most - value.length - 1;
  let left = most - 2;
  if (Array.isArray(value)) {
    left -= value.length;
    for (let i = 0; i < value.length && left >= 0; i++) {
      left = charactersLeft(value[i], left);
    }
    return left;
  }
  const record = value as Record<string, unknown>;
  // deno-lint-ignore guard-for-in -- more than its own only makes it larger
  for (const name in record) {
    if (left < 0) return left;
    left = charactersLeft(record[name], left - name.length - 4);
  }
  return left;
}

/** The size that the limit `valueBytes` is about. Takes as long as encoding. */
export function valueBytes(value: Value): number {
  if (value instanceof Uint8Array) return value.length;
  const text = JSON.stringify(value);
  return encoder.encode(text).length;
}

/** The length of `encodeValue(value)`. */
export function encodedBytes(value: Value): number {
  return valueBytes(value) + (value instanceof Uint8Array ? 1 : 0);
}

/** The form in which files hold a value: JSON text in UTF-8, or tagged bytes. */
export function encodeValue(value: Value): Uint8Array {
  if (!(value instanceof Uint8Array)) {
    return encoder.encode(JSON.stringify(value));
  }
  const tagged = new Uint8Array(value.length + 1);
  tagged[0] = BYTES_TAG;
  tagged.set(value, 1);
  return tagged;
}

/** The value that `encodeValue` encoded, frozen. */
export function decodeValue(encoded: Uint8Array): Value {
  return encoded[0] === BYTES_TAG
    ? encoded.slice(1)
    : freezeValue(JSON.parse(decoder.decode(encoded)) as Value);
}

function freezeJson(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) freezeJson(value[i]);
  } else {
    const record = value as Record<string, unknown>;
    // deno-lint-ignore guard-for-in -- a plain object inherits nothing enumerable
    for (const name in record) freezeJson(record[name]);
  }
  Object.freeze(value);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function withoutUndefined(
  value: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).filter(([, item]) => item !== undefined),
  );
}

function notJson(root: Value, key: Key): TypeError {
  const { path, found } = findNotJson(root, "value", 1) ??
    { path: "value", found: "not readable twice" };
  return new TypeError(
    `Cannot set ${formatKey(key)}: ${path} is ${found}, expected JSON or bytes`,
  );
}

/** Walks again to say where the offender is, so that the copy need not keep track. */
function findNotJson(
  value: unknown,
  path: string,
  depth: number,
): { readonly path: string; readonly found: string } | undefined {
  if (typeof value !== "object" || value === null) {
    const found = describeScalar(value);
    return found === undefined ? undefined : { path, found };
  }
  if (depth > VALUE_DEPTH_MAX) {
    const start = path.slice(0, 60);
    return {
      path: `${start}...`,
      found:
        `nested deeper than the limit valueDepth of ${VALUE_DEPTH_MAX} levels`,
    };
  }
  if (!Array.isArray(value) && !isPlain(value)) {
    const name: unknown = value.constructor?.name;
    return { path, found: `of class ${String(name)}` };
  }
  const items: [string, unknown][] = Array.isArray(value)
    ? Array.from(value, (item, i) => [`${path}[${i}]`, item])
    : Object.entries(value).filter(([, item]) => item !== undefined)
      .map(([name, item]) => [`${path}.${name}`, item]);
  for (const [where, item] of items) {
    const found = findNotJson(item, where, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function describeScalar(value: unknown): string | undefined {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value) ? undefined : String(value);
    case "string":
    case "boolean":
    case "object":
      return undefined;
    case "undefined":
      return "undefined";
    default:
      return `a ${typeof value}`;
  }
}
