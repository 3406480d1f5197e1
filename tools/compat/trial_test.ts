import assert from "node:assert/strict";
import { passes, tryDocument } from "./trial.ts";

function tried(text: string) {
  return tryDocument(text, { file: "app.yaml", folder: "/", env: {} });
}

Deno.test("a trial says what a document serves, and what of it has no effect", async () => {
  const trial = await tried(`modules:
  - { name: web, type: http.server, config: { address: ":0" } }
  - { name: router, type: http.router }
  - { name: hello, type: http.handler, config: { status: 200 } }
workflows:
  http:
    routes:
      - { method: GET, path: "/hello/{name}", handler: hello }
      - { method: POST, path: /hello, handler: hello }
`);
  assert.deepEqual(trial.answers, [
    { method: "GET", path: "/hello/{name}", status: 200 },
  ]);
  assert.equal(trial.unasked, 1);
  assert.match(trial.ineffective[0] ?? "", /^4:\d+ modules\[2\].config.status/);
  assert.ok(passes(trial));
});

Deno.test("a trial names what keeps a document from being loaded, or from starting", async () => {
  const unknown = await tried("modules: [{ name: a, type: http.ruoter }]\n");
  assert.match(
    unknown.errors[0] ?? "",
    /^1:\d+ modules\[0\].type: .*http\.ruoter/,
  );
  assert.ok(!passes(unknown));
  const lost = await tried(`modules:
  - { name: web, type: http.server, config: { address: ":0" } }
  - { name: router, type: http.router }
  - { name: files, type: static.fileserver, config: { root: /nowhere/at/all } }
`);
  assert.deepEqual(lost.errors, []);
  assert.match(lost.startError ?? "", /nowhere/);
  assert.ok(!passes(lost));
});

Deno.test("a text stands in for a variable that is not set", async () => {
  const trial = await tried(`modules:
  - { name: users, type: auth.jwt, config: { secret: "\${NOBODY_SET_IT}" } }
`);
  assert.deepEqual(trial.stoodIn, ["NOBODY_SET_IT"]);
  assert.equal(trial.startError, undefined);
});
