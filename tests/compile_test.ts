/**
 * `deno compile` downloads the runtime that it puts in front of the code. Where
 * that is not to be had, any file in its place lets the rest be tested: module
 * graph, type check and embedding. The result cannot run, and is not run here.
 */
import assert from "node:assert/strict";
import { compileArguments } from "../tools/compile.ts";
import { runProcess } from "./_process.ts";

Deno.test("deno task compile gets through module graph, type check and embedding", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const output = `${folder}/workflow`;
    const { code, stderr } = await runProcess(await compileArguments(output), {
      env: { DENORT_BIN: "/bin/true" },
    });
    assert.equal(code, 0, stderr);
    const binary = await Deno.readFile(output);
    const text = new TextDecoder("latin1").decode(binary);
    // Code, example and permissions are inside.
    for (const part of ["catalog.gen.ts", "examples/orders", "orders.yaml"]) {
      assert.ok(
        text.includes(part) || text.includes(part.split("/").at(-1) ?? ""),
        part,
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
