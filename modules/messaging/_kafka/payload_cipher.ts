/**
 * Encrypts payloads: AES-256-GCM under the SHA-256 of a key. The text is
 * `enc::`, the version of the key and a colon where it has one, and base64 of the
 * nonce, what is encrypted, and its tag.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { TerminalError } from "@engine/errors.ts";

const MARK = "enc::";

const NONCE_BYTES = 12;

/** The keys, as a config states them. */
export interface CipherKeys {
  /** Encrypts, and decrypts. */
  readonly encryptionKey: string;
  readonly encryptionKeyVersion?: string | undefined;
  /** Only decrypt, by version. */
  readonly previousEncryptionKeys: Readonly<Record<string, string>>;
}

/** See the module comment. */
export class PayloadCipher {
  readonly #keys: CipherKeys;
  readonly #random: Host["effects"]["random"];
  readonly #derived = new Map<string, Promise<CryptoKey>>();

  constructor(keys: CipherKeys, random: Host["effects"]["random"]) {
    this.#keys = keys;
    this.#random = random;
  }

  /** A text that `decrypt` turns back. */
  async encrypt(text: string): Promise<string> {
    const { encryptionKey, encryptionKeyVersion } = this.#keys;
    const iv = this.#random.bytes(NONCE_BYTES);
    const sealed = await crypto.subtle.encrypt(
      { name: "AES-GCM", iv },
      await this.#key(encryptionKey),
      new TextEncoder().encode(text),
    );
    const bytes = new Uint8Array(NONCE_BYTES + sealed.byteLength);
    bytes.set(iv);
    bytes.set(new Uint8Array(sealed), NONCE_BYTES);
    const version = encryptionKeyVersion === undefined
      ? ""
      : `${encryptionKeyVersion}:`;
    return `${MARK}${version}${bytes.toBase64()}`;
  }

  /** @throws {TerminalError} if no key fits. */
  async decrypt(text: string): Promise<string> {
    const rest = text.slice(MARK.length);
    const colon = rest.indexOf(":");
    const version = colon < 0 ? undefined : rest.slice(0, colon);
    const bytes = bytesOf(rest.slice(colon + 1));
    for (const key of this.#candidates(version)) {
      const opened = await open(bytes, await this.#key(key));
      if (opened !== undefined) return opened;
    }
    throw new TerminalError(
      version === undefined
        ? "Cannot decrypt the payload: no key fits"
        : `Cannot decrypt the payload: no key of version "${version}" fits`,
    );
  }

  /** The keys of a version; what has none may be of any. */
  #candidates(version: string | undefined): readonly string[] {
    const { encryptionKey, encryptionKeyVersion, previousEncryptionKeys } =
      this.#keys;
    if (version === undefined) {
      return [encryptionKey, ...Object.values(previousEncryptionKeys)];
    }
    if (version === encryptionKeyVersion) return [encryptionKey];
    const previous = Object.hasOwn(previousEncryptionKeys, version)
      ? previousEncryptionKeys[version]
      : undefined;
    return previous === undefined ? [] : [previous];
  }

  #key(secret: string): Promise<CryptoKey> {
    const known = this.#derived.get(secret);
    if (known !== undefined) return known;
    const key = derive(secret);
    this.#derived.set(secret, key);
    return key;
  }
}

/** Whether a text is what a cipher makes. */
export function isEncrypted(text: unknown): text is string {
  return typeof text === "string" && text.startsWith(MARK);
}

async function derive(secret: string): Promise<CryptoKey> {
  const hash = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(secret),
  );
  return await crypto.subtle.importKey("raw", hash, "AES-GCM", false, [
    "encrypt",
    "decrypt",
  ]);
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.fromBase64(base64);
  } catch (cause) {
    throw new TerminalError(
      "Cannot decrypt the payload: what is encrypted is no base64",
      { cause },
    );
  }
}

async function open(
  bytes: Uint8Array<ArrayBuffer>,
  key: CryptoKey,
): Promise<string | undefined> {
  try {
    const plain = await crypto.subtle.decrypt(
      { name: "AES-GCM", iv: bytes.subarray(0, NONCE_BYTES) },
      key,
      bytes.subarray(NONCE_BYTES),
    );
    return new TextDecoder().decode(plain);
  } catch {
    // The tag does not fit: another key may.
    return undefined;
  }
}
