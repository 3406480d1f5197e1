import assert from "node:assert/strict";
import fc from "fast-check";
import { signatureFault, signatureHeaders } from "./_webhook_signature.ts";

const NOW = 1_700_000_000;
const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("a webhook is signed as the specification's example shows", () => {
  const headers = signatureHeaders({
    id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    timestamp: 1614265330,
    body: '{"test": 2432232314}',
  }, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  assert.equal(
    headers["webhook-signature"],
    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  );
});

Deno.test("signatureFault() takes what signatureHeaders() made, and nothing changed", () => {
  const text = fc.string({ minLength: 1, unit: "grapheme" });
  fc.assert(fc.property(text, text, text, (secret, body, other) => {
    const made = signatureHeaders({ id: "1", timestamp: NOW, body }, secret);
    const fault = (
      change: Readonly<Record<string, string>>,
      content = body,
      options = { secret, nowMs: NOW * 1_000 },
    ) =>
      signatureFault(
        new Headers({ ...made, ...change }),
        bytes(content),
        options,
      );
    assert.equal(fault({}), undefined);
    assert.equal(
      fault({
        "webhook-signature": `v1,AAAA v1a,x ${made["webhook-signature"]}`,
      }),
      undefined,
    );
    assert.notEqual(fault({ "webhook-id": "2" }), undefined);
    assert.notEqual(fault({ "webhook-timestamp": `${NOW + 1}` }), undefined);
    assert.notEqual(fault({ "webhook-signature": "v1,%%" }), undefined);
    if (other !== body) assert.notEqual(fault({}, other), undefined);
    assert.notEqual(
      fault({}, body, { secret: `${secret}x`, nowMs: NOW * 1_000 }),
      undefined,
    );
  }));
});

Deno.test("signatureFault() refuses what is old, from the future, or not signed", () => {
  const made = signatureHeaders({ id: "1", timestamp: NOW, body: "x" }, "s");
  const at = (seconds: number) =>
    signatureFault(new Headers(made), bytes("x"), {
      secret: "s",
      nowMs: seconds * 1_000,
    });
  assert.equal(at(NOW + 300), undefined);
  assert.match(at(NOW + 301) ?? "", /more than 300 s/);
  assert.match(at(NOW - 301) ?? "", /more than 300 s/);
  const unsigned = signatureFault(new Headers(), bytes("x"), {
    secret: "s",
    nowMs: NOW * 1_000,
  });
  assert.equal(unsigned, "The webhook is not signed");
});
