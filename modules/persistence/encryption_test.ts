import assert from "node:assert/strict";
import { createCipheriv, createHash } from "node:crypto";
import { TerminalError } from "@engine/errors.ts";
import { recordsOver } from "@engine/records.ts";
import { simulatedEffects } from "@engine/simulation/effects.ts";
import { memoryStore } from "@engine/store/memory.ts";
import { EncryptedRecords, PERSONAL_FIELDS } from "./_encrypted_records.ts";
import { FieldCipher } from "./_field_cipher.ts";

const randomBytes = (count: number) =>
  crypto.getRandomValues(new Uint8Array(count));

const OLD = { id: "old", key: "an old text that nobody can guess" };
const NEW = { id: "new", key: "a new text that nobody can guess" };

const cipherOf = (...keys: [typeof OLD, ...typeof OLD[]]) =>
  new FieldCipher(keys, randomBytes);

/** As the original engine did it. */
function legacy(text: string, key: string): string {
  const nonce = randomBytes(12);
  const secret = createHash("sha256").update(key).digest();
  const cipher = createCipheriv("aes-256-gcm", secret, nonce);
  const parts = [nonce, cipher.update(text, "utf8"), cipher.final()];
  const bytes = [...parts, cipher.getAuthTag()].flatMap((part) => [...part]);
  return `enc::${Uint8Array.from(bytes).toBase64()}`;
}

Deno.test("a text opens with its key and at its place only", () => {
  const sealed = cipherOf(OLD).seal("täxt", "a");
  assert.match(sealed, /^enc:old:/);
  assert.equal(cipherOf(NEW, OLD).open(sealed, "a"), "täxt");
  const impostor = { ...NEW, id: "old" };
  for (
    const [cipher, place, text] of [
      [cipherOf(OLD), "b", sealed],
      [cipherOf(NEW), "a", sealed],
      [cipherOf(impostor), "a", sealed],
      [cipherOf(OLD), "a", sealed.replace(/.{6}$/, "AAAAAA")],
    ] as const
  ) {
    assert.throws(() => cipher.open(text, place), (error) => {
      assert.ok(error instanceof TerminalError);
      assert.match(error.message, /^Cannot decrypt/);
      assert.doesNotMatch(error.message, /täxt|guess/);
      return true;
    });
  }
});

Deno.test("a text is never encrypted twice into the same", () => {
  const cipher = cipherOf(OLD);
  assert.notEqual(cipher.seal("a", "p"), cipher.seal("a", "p"));
});

Deno.test("what the original engine encrypted is read with any of the keys", () => {
  const sealed = legacy("ann@example.com", OLD.key);
  assert.equal(cipherOf(NEW, OLD).open(sealed, "x"), "ann@example.com");
  assert.equal(cipherOf(NEW, OLD).isCurrent(sealed), false);
  assert.throws(() => cipherOf(NEW).open(sealed, "x"), /none of the keys fits/);
});

Deno.test("a text that only looks encrypted stands for itself", () => {
  const cipher = cipherOf(OLD);
  for (const text of ["enc::", "enc:old:short", "enc:x", "enc::not base64!"]) {
    assert.equal(cipher.open(text, "a"), text);
  }
});

Deno.test("what a client sends is encrypted even where it looks encrypted", async () => {
  const { random, clock, ids } = simulatedEffects();
  const inner = recordsOver(memoryStore(), { clock, ids });
  const cipher = new FieldCipher([OLD], random.bytes);
  const people = new EncryptedRecords(inner, cipher, PERSONAL_FIELDS)
    .collection("people");
  await people.create("ann", { email: "ann@example.com" });
  const stolen = (await inner.collection("people").get("ann"))?.data ?? {};
  await people.create("eve", { email: stolen.email });
  // Eve gets back what she sent, and not what it stands for.
  assert.deepEqual((await people.get("eve"))?.data, stolen);
});

Deno.test("fields of fields are encrypted where they are named", async () => {
  const { random, clock, ids } = simulatedEffects();
  const inner = recordsOver(memoryStore(), { clock, ids });
  const cipher = new FieldCipher([OLD], random.bytes);
  const orders = new EncryptedRecords(inner, cipher, ["shipping.address"])
    .collection("orders");
  const data = { address: "a", shipping: { address: "b", days: [1] } };
  await orders.create("o1", data);
  assert.deepEqual((await orders.get("o1"))?.data, data);
  const raw = (await inner.collection("orders").get("o1"))?.data;
  assert.equal(raw?.address, "a");
  assert.match(JSON.stringify(raw?.shipping), /"address":"enc:old:/);
});
