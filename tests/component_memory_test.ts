/**
 * The limit of memory holds with the permissions that people start the engine
 * with, which are fewer than those of the tests.
 */
import assert from "node:assert/strict";
import { startProcess } from "./_process.ts";

const TOKEN = "a-token-for-this-test";

const HOG = `const kept = [];
export async function execute() {
  for (;;) {
    kept.push(new Uint8Array(32 * 1024 * 1024).fill(1));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}`;

Deno.test("a component that fills its memory is killed, and the engine goes on", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/hog.ts`, HOG);
  await Deno.writeTextFile(
    `${folder}/app.yaml`,
    `modules:
  - name: hog
    type: dynamic.component
    config: { source: ./hog.ts, isolation: process }
`,
  );
  const process = await startProcess([
    ...["--config", `${folder}/app.yaml`, "--data", `${folder}/data`],
    ...["--management-address", "127.0.0.1:0"],
  ], { env: { WORKFLOW_TOKEN: TOKEN } });
  try {
    const [url = ""] = process.addresses;
    const ask = (path: string, body?: string) =>
      fetch(new URL(`api/dynamic/components/hog${path}`, url), {
        method: body === undefined ? "GET" : "POST",
        headers: { authorization: `Bearer ${TOKEN}` },
        ...body === undefined ? {} : { body },
      });
    const answer = await ask("/execute", "{}");
    const { detail } = await answer.json();
    assert.equal(answer.status, 503);
    assert.match(
      detail,
      /it holds \d+ bytes of memory, the limit is 536870912/,
    );
    const { kills } = await (await ask("/metrics")).json();
    assert.ok(kills >= 1);
  } finally {
    await process.end("SIGTERM");
    await Deno.remove(folder, { recursive: true });
  }
});
