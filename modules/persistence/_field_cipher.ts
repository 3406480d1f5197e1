/**
 * Encrypts texts with AES-256-GCM. A sealed text names its key, so that keys can
 * be changed while old texts are still read:
 *
 *     enc:<key id>:<base64 of 12 bytes of nonce, the text, 16 bytes of tag>
 *
 * Where it stands is part of what is checked, so that a sealed text that is moved
 * to another field or resource does not open. Older texts, `enc::…`, name neither
 * their key nor their place: every key is tried.
 *
 * @module
 */
import { createCipheriv, createDecipheriv, createHash } from "node:crypto";
import { TerminalError } from "@engine/errors.ts";

/** A key by its name. */
export interface CipherKey {
  readonly id: string;
  /** Any text; the key is its SHA-256. */
  readonly key: string;
}

const ALGORITHM = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** At least a nonce, a tag and one byte. */
const SEALED = /^enc:([A-Za-z0-9_-]*):([A-Za-z0-9+/]{38,}={0,2})$/;

/** See the module. */
export class FieldCipher {
  readonly #current: CipherKey;
  readonly #keys: ReadonlyMap<string, Uint8Array>;
  readonly #randomBytes: (count: number) => Uint8Array;

  /** @param keys The first one seals, all of them open. */
  constructor(
    keys: readonly [CipherKey, ...CipherKey[]],
    randomBytes: (count: number) => Uint8Array,
  ) {
    this.#current = keys[0];
    this.#keys = new Map(
      keys.map((
        { id, key },
      ) => [id, createHash("sha256").update(key).digest()]),
    );
    this.#randomBytes = randomBytes;
  }

  /** A sealed text that opens at this place only. */
  seal(text: string, place: string): string {
    const { id } = this.#current;
    const nonce = this.#randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key(id, place), nonce);
    cipher.setAAD(new TextEncoder().encode(place));
    const sealed = [cipher.update(text, "utf8"), cipher.final()];
    const parts = [nonce, ...sealed, cipher.getAuthTag()];
    return `enc:${id}:${bytesOf(parts).toBase64()}`;
  }

  /**
   * The text behind a sealed one; a text that is not sealed stands for itself.
   *
   * @throws {TerminalError} There is no key for it, or it has been changed.
   */
  open(text: string, place: string): string {
    const [, id = "", base64] = SEALED.exec(text) ?? [];
    if (base64 === undefined) return text;
    const bytes = Uint8Array.fromBase64(base64);
    if (id !== "") {
      const opened = openWith(this.#key(id, place), bytes, place);
      if (opened !== undefined) return opened;
      throw cannotOpen(place, `it was changed, or "${id}" is another key now`);
    }
    for (const key of this.#keys.values()) {
      const opened = openWith(key, bytes, undefined);
      if (opened !== undefined) return opened;
    }
    throw cannotOpen(place, "none of the keys fits");
  }

  /** Whether a text is sealed with the key that seals now. */
  isCurrent(text: string): boolean {
    return SEALED.exec(text)?.[1] === this.#current.id;
  }

  #key(id: string, place: string): Uint8Array {
    const key = this.#keys.get(id);
    if (key === undefined) throw cannotOpen(place, `there is no key "${id}"`);
    return key;
  }
}

function openWith(
  key: Uint8Array,
  bytes: Uint8Array,
  place: string | undefined,
): string | undefined {
  const end = bytes.length - TAG_BYTES;
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(ALGORITHM, key, nonce);
  if (place !== undefined) decipher.setAAD(new TextEncoder().encode(place));
  decipher.setAuthTag(bytes.subarray(end));
  try {
    const text = decipher.update(bytes.subarray(NONCE_BYTES, end));
    return new TextDecoder().decode(bytesOf([text, decipher.final()]));
  } catch {
    // The tag does not fit: another key, another place, or another text.
    return undefined;
  }
}

function bytesOf(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function cannotOpen(place: string, reason: string): TerminalError {
  return new TerminalError(
    `Cannot decrypt ${place.replaceAll("\0", " ")}: ${reason}`,
  );
}
