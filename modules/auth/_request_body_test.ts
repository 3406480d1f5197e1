import assert from "node:assert/strict";
import {
  BODY_BYTES_MAX,
  readFields,
  readOptionalFields,
  textField,
} from "./_request_body.ts";

function requestWith(body: BodyInit | null): Request {
  return new Request("http://localhost/", { method: "POST", body });
}

async function refusal(
  body: BodyInit | null,
  status = 400,
): Promise<string> {
  try {
    await readFields(requestWith(body));
  } catch (error) {
    assert.ok(error instanceof Error);
    assert.equal((error as Error & { status: number }).status, status);
    return error.message;
  }
  assert.fail("it was not refused");
}

Deno.test("readFields() reads a JSON object", async () => {
  const fields = await readFields(requestWith('{"a":1,"b":"x"}'));
  assert.deepEqual(fields, { a: 1, b: "x" });
});

Deno.test("readFields() refuses whatever is no JSON object", async () => {
  assert.equal(await refusal(null), "The body is not valid JSON");
  assert.equal(await refusal("{"), "The body is not valid JSON");
  for (const text of ["null", "1", '"x"', "[]", "true"]) {
    assert.equal(await refusal(text), "The body must be a JSON object");
  }
  const bytes = new Uint8Array([0x22, 0xff, 0x22]);
  assert.equal(await refusal(bytes), "The body cannot be read");
});

Deno.test("readFields() stops reading a body that is too long", async () => {
  let chunks = 0;
  const endless = new ReadableStream({
    pull(controller) {
      chunks++;
      controller.enqueue(new Uint8Array(16 * 1_024).fill(32));
    },
  });
  assert.equal(
    await refusal(endless, 413),
    `The body is longer than ${BODY_BYTES_MAX} bytes`,
  );
  assert.ok(chunks < 10, `${chunks} chunks were read`);
  const longest = `${" ".repeat(BODY_BYTES_MAX - 2)}{}`;
  assert.deepEqual(await readFields(requestWith(longest)), {});
});

Deno.test("readFields() refuses a body that breaks off", async () => {
  const broken = new ReadableStream({
    start: (controller) => controller.error(new Error("Connection lost")),
  });
  assert.equal(await refusal(broken), "The body cannot be read");
});

Deno.test("readOptionalFields() takes nothing as no fields", async () => {
  assert.deepEqual(await readOptionalFields(requestWith(null)), {});
  // What `fetch` sends where there is no body: one of no bytes.
  assert.deepEqual(await readOptionalFields(requestWith("")), {});
  await assert.rejects(readOptionalFields(requestWith("{")), { status: 400 });
  assert.deepEqual(await readOptionalFields(requestWith('{"a":1}')), { a: 1 });
});

Deno.test("textField() gives well-formed text of the object itself only", () => {
  const fields = JSON.parse('{"a":"x","b":1,"c":null,"d":"\\ud800"}');
  assert.equal(textField(fields, "a"), "x");
  for (const name of ["b", "c", "d", "e", "toString", "__proto__"]) {
    assert.throws(() => textField(fields, name), { status: 400 }, name);
  }
});
