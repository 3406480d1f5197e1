import assert from "node:assert/strict";
import fc from "fast-check";
import { headers } from "@nats-io/transport-node";
import { TerminalError } from "@engine/errors.ts";
import {
  decodePayload,
  encodePayload,
  HEADERS,
  headerText,
  viaHeader,
  viaOf,
} from "./_nats_message.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("decodePayload() gives back what encodePayload() was given", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const payload = JSON.parse(JSON.stringify(value));
    assert.deepEqual(decodePayload(bytes(encodePayload(payload))), payload);
  }));
  for (const text of ["", "5", " 5", "null", "tea", "{", '"', "\ufffd", "1x"]) {
    assert.equal(decodePayload(bytes(encodePayload(text))), text);
  }
});

Deno.test("encodePayload() leaves a text as it is, unless it would be read as JSON", () => {
  assert.equal(encodePayload("an order"), "an order");
  assert.equal(encodePayload("true"), '"true"');
});

Deno.test("decodePayload() refuses what is no text", () => {
  assert.throws(() => decodePayload(new Uint8Array([0xff])), TerminalError);
});

Deno.test("viaOf() reads what viaHeader() writes, and nothing else", () => {
  const read = (text: string) => {
    const all = headers();
    all.set(HEADERS.via, text);
    return viaOf(all);
  };
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" })), (via) => {
      const header = viaHeader(via);
      assert.match(header, /^[\x20-\x7e]*$/);
      assert.deepEqual(read(header), { via });
    }),
    { numRuns: 30 },
  );
  assert.deepEqual(viaOf(undefined), {});
  for (const text of ["", "nonsense", "{}", "[1]"]) {
    assert.deepEqual(read(text), {});
  }
});

Deno.test("headerText() makes one line of anything", () => {
  assert.equal(headerText("a\r\nb\tc é"), "a b c  ");
  assert.equal(headerText("x".repeat(5_000)).length, 1_000);
});
