import assert from "node:assert/strict";
import { addVary, amendHeaders } from "./_response_headers.ts";

Deno.test("amendHeaders() changes the response itself where that is possible", () => {
  const response = new Response("body");
  const amended = amendHeaders(response, (headers) => headers.set("a", "1"));
  assert.equal(amended, response);
  assert.equal(response.headers.get("a"), "1");
});

Deno.test("amendHeaders() copies a response whose headers are fixed", async () => {
  const server = Deno.serve(
    { port: 0, onListen() {} },
    () => new Response("body", { status: 201, headers: { kept: "yes" } }),
  );
  const response = await fetch(`http://127.0.0.1:${server.addr.port}/`);
  assert.throws(() => response.headers.set("a", "1"), TypeError);
  const amended = amendHeaders(response, (headers) => headers.set("a", "1"));
  assert.equal(amended.status, 201);
  assert.equal(amended.headers.get("a"), "1");
  assert.equal(amended.headers.get("kept"), "yes");
  assert.equal(await amended.text(), "body");
  await server.shutdown();
});

Deno.test("amendHeaders() copies answers that have no body", () => {
  const response = Response.redirect("http://elsewhere.example/", 308);
  const amended = amendHeaders(response, (headers) => headers.set("a", "1"));
  assert.equal(amended.status, 308);
  assert.equal(amended.body, null);
});

Deno.test("amendHeaders() does not hide the errors of what amends", () => {
  const boom = () => {
    throw new RangeError("Cannot do it");
  };
  assert.throws(() => amendHeaders(new Response(), boom), RangeError);
  assert.throws(
    () => amendHeaders(new Response(), (h) => h.set("a", "line\nend")),
    TypeError,
  );
});

Deno.test("addVary() adds a name once", () => {
  const cases = [
    [undefined, "Origin"],
    ["", "Origin"],
    ["Accept", "Accept, Origin"],
    ["Accept, origin", "Accept, origin"],
    ["*", "*"],
    ["X-Origin", "X-Origin, Origin"],
  ] as const;
  for (const [before, after] of cases) {
    const headers = new Headers(before === undefined ? {} : { vary: before });
    addVary(headers, "Origin");
    assert.equal(headers.get("vary"), after);
  }
});
