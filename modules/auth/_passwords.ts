/**
 * Makes and checks password hashes. New ones are Argon2id in the PHC string
 * form; bcrypt is only read, for users who come from elsewhere.
 *
 * @module
 */
import { timingSafeEqual } from "node:crypto";
import type { Host } from "@engine/define.ts";
import { Gate } from "./_gate.ts";

/** The longest password, in bytes of UTF-8. */
export const PASSWORD_BYTES_MAX = 1_024;

/** How many hashes are computed at once; each takes 19 MiB. */
export const HASHES_AT_ONCE = 4;

/** How many more wait; past that callers are told to come back. */
export const HASHES_WAITING_MAX = 200;

/** How a password fits a hash. */
export type Fit = "wrong" | "right" | "outdated";

/** What one hash costs (OWASP: 19 MiB, two passes). */
const COST: Cost = { memoryKiB: 19_456, passes: 2, lanes: 1 };

interface Cost {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
}

interface Argon2Hash extends Cost {
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly hash: Uint8Array<ArrayBuffer>;
}

const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Fits no password, and costs as much to find out as any other. */
const NOBODY: Argon2Hash = {
  ...COST,
  salt: new Uint8Array(SALT_BYTES),
  hash: new Uint8Array(HASH_BYTES),
};

/** Hashes within the bounds above. */
export class Passwords {
  readonly #random: Host["effects"]["random"];
  readonly #gate = new Gate({
    atOnce: HASHES_AT_ONCE,
    waitingMax: HASHES_WAITING_MAX,
  });

  constructor(random: Host["effects"]["random"]) {
    this.#random = random;
  }

  /** @throws {BusyError} if too many wait already. */
  async hash(password: string): Promise<string> {
    const salt = this.#random.bytes(SALT_BYTES);
    const hash = await this.#gate.run(() =>
      argon2id(password, salt, HASH_BYTES, COST)
    );
    return format({ ...COST, salt, hash });
  }

  /**
   * Whether a password fits, and whether the hash should be replaced. Without a
   * hash the same work is done for nothing, so that nobody learns from the time
   * whether a user exists. A bcrypt hash takes another time until it is replaced.
   *
   * @throws {BusyError} if too many wait already.
   */
  async verify(password: string, encoded: string | undefined): Promise<Fit> {
    if (encoded !== undefined && isBcrypt(encoded)) {
      const { compare } = await import("bcryptjs");
      const isRight = await this.#gate.run(() => compare(password, encoded));
      return isRight ? "outdated" : "wrong";
    }
    const known = encoded === undefined ? undefined : parse(encoded);
    const { salt, hash, ...cost } = known ?? NOBODY;
    const found = await this.#gate.run(() =>
      argon2id(password, salt, hash.length, cost)
    );
    if (!isEqual(found, hash) || !known) return "wrong";
    return isCurrent(cost) ? "right" : "outdated";
  }
}

/** Whether a text is a hash that `verify` can read, at a bearable cost. */
export function isPasswordHash(text: string): boolean {
  return isBcrypt(text) || parse(text) !== undefined;
}

/** The cost is bounded: each step more doubles the time. */
function isBcrypt(text: string): boolean {
  const match = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(text);
  const rounds = Number(match?.[1] ?? 0);
  return rounds >= 4 && rounds <= 14;
}

const PHC =
  /^\$argon2id\$v=19\$m=(\d{1,6}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

const MEMORY_KIB_MAX = 262_144;

function parse(text: string): Argon2Hash | undefined {
  const [, memory, passes, lanes, salt = "", hash = ""] = PHC.exec(text) ?? [];
  const cost = {
    memoryKiB: Number(memory),
    passes: Number(passes),
    lanes: Number(lanes),
  };
  const isBearable = cost.passes >= 1 && cost.lanes >= 1 &&
    cost.memoryKiB >= 8 * cost.lanes && cost.memoryKiB <= MEMORY_KIB_MAX;
  if (!isBearable) return undefined;
  try {
    return { ...cost, salt: decode(salt), hash: decode(hash) };
  } catch {
    // Not base64 after all.
    return undefined;
  }
}

function format({ memoryKiB, passes, lanes, salt, hash }: Argon2Hash): string {
  const cost = `m=${memoryKiB},t=${passes},p=${lanes}`;
  return `$argon2id$v=19$${cost}$${encode(salt)}$${encode(hash)}`;
}

function encode(bytes: Uint8Array): string {
  return bytes.toBase64({ omitPadding: true });
}

function decode(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(text);
}

function isCurrent({ memoryKiB, passes, lanes }: Cost): boolean {
  return memoryKiB === COST.memoryKiB && passes === COST.passes &&
    lanes === COST.lanes;
}

async function argon2id(
  password: string,
  nonce: Uint8Array<ArrayBuffer>,
  bytes: number,
  { memoryKiB, passes, lanes }: Cost,
): Promise<Uint8Array<ArrayBuffer>> {
  const { subtle } = crypto as unknown as { subtle: Argon2 };
  const key = await subtle.importKey(
    "raw-secret",
    new TextEncoder().encode(password),
    "Argon2id",
    false,
    ["deriveBits"],
  );
  const bits = await subtle.deriveBits(
    { name: "Argon2id", nonce, memory: memoryKiB, passes, parallelism: lanes },
    key,
    bytes * 8,
  );
  return new Uint8Array(bits);
}

/** What WebCrypto can do already and its type declarations do not say yet. */
interface Argon2 {
  importKey(
    format: "raw-secret",
    secret: Uint8Array<ArrayBuffer>,
    algorithm: "Argon2id",
    extractable: false,
    usages: readonly ["deriveBits"],
  ): Promise<CryptoKey>;
  deriveBits(
    algorithm: {
      readonly name: "Argon2id";
      readonly nonce: Uint8Array<ArrayBuffer>;
      readonly memory: number;
      readonly passes: number;
      readonly parallelism: number;
    },
    key: CryptoKey,
    bits: number,
  ): Promise<ArrayBuffer>;
}

/** Looks at every byte, so that the time tells nothing. */
function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
