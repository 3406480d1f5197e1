import assert from "node:assert/strict";
import fc from "fast-check";
import { headers } from "@nats-io/transport-node";
import { TerminalError } from "@engine/errors.ts";
import {
  decodePayload,
  encodePayload,
  HEADERS,
  headerText,
  originHeaders,
  originOf,
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

Deno.test("originOf() reads what originHeaders() writes, and nothing else", () => {
  const read = (entries: Readonly<Record<string, string>>) => {
    const all = headers();
    for (const [name, text] of Object.entries(entries)) all.set(name, text);
    return originOf(all);
  };
  const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" })), (via) => {
      const written = originHeaders({ via }) ?? {};
      assert.match(written[HEADERS.via] ?? "", /^[\x20-\x7e]*$/);
      assert.deepEqual(read(written), { via });
      const both = originHeaders({ via, traceparent }) ?? {};
      assert.deepEqual(read(both), { via, traceparent });
    }),
    { numRuns: 30 },
  );
  assert.equal(originHeaders({}), undefined);
  assert.deepEqual(originOf(undefined), {});
  for (const text of ["", "nonsense", "{}", "[1]"]) {
    assert.deepEqual(read({ [HEADERS.via]: text }), {});
  }
});

Deno.test("headerText() makes one line of anything", () => {
  assert.equal(headerText("a\r\nb\tc é"), "a b c  ");
  assert.equal(headerText("x".repeat(5_000)).length, 1_000);
});
