import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createCipheriv, createHash } from "node:crypto";
import { TerminalError } from "@engine/errors.ts";
import { systemEffects } from "../../../engine/effects.ts";
import { PayloadCipher } from "./payload_cipher.ts";

const { random } = systemEffects();

function cipherOf(
  encryptionKey: string,
  encryptionKeyVersion?: string,
  previousEncryptionKeys: Readonly<Record<string, string>> = {},
): PayloadCipher {
  return new PayloadCipher(
    { encryptionKey, encryptionKeyVersion, previousEncryptionKeys },
    random,
  );
}

/** What a program without this module writes. */
function sealedElsewhere(text: string, secret: string): string {
  const key = createHash("sha256").update(secret).digest();
  const nonce = random.bytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const sealed = [cipher.update(text, "utf8"), cipher.final()];
  const bytes = [nonce, ...sealed, cipher.getAuthTag()];
  return `enc::${Buffer.concat(bytes).toString("base64")}`;
}

Deno.test("PayloadCipher decrypts what it has encrypted, each time another text", async () => {
  const cipher = cipherOf("one", "v1");
  const [first, second] = [
    await cipher.encrypt("té"),
    await cipher.encrypt("té"),
  ];
  assert.notEqual(first, second);
  assert.match(first, /^enc::v1:[\w+/]+=*$/);
  assert.equal(await cipher.decrypt(first), "té");
});

Deno.test("PayloadCipher decrypts what others encrypt without a version, by any of its keys", async () => {
  const sealed = sealedElsewhere('{"a":1}', "old");
  assert.equal(await cipherOf("old").decrypt(sealed), '{"a":1}');
  const rotated = cipherOf("new", "v2", { v1: "old" });
  assert.equal(await rotated.decrypt(sealed), '{"a":1}');
});

Deno.test("PayloadCipher decrypts with the key of the version, and no other", async () => {
  const old = await cipherOf("old", "v1").encrypt("text");
  assert.equal(await cipherOf("new", "v2", { v1: "old" }).decrypt(old), "text");
  for (const cipher of [cipherOf("old", "v2"), cipherOf("new", "v1")]) {
    await assert.rejects(
      cipher.decrypt(old),
      new TerminalError(
        'Cannot decrypt the payload: no key of version "v1" fits',
      ),
    );
  }
  await assert.rejects(cipherOf("old").decrypt("enc::?"), /is no base64/);
});
