import assert from "node:assert/strict";
import { reasonOf } from "./reason.ts";

Deno.test("reasonOf() says what the operating system found", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/file`, "");
  const tries = {
    "there is no such file": () => Deno.readTextFile(`${folder}/none`),
    "it is a folder": () => Deno.readTextFile(folder),
    "its path leads through a file": () => Deno.mkdir(`${folder}/file/x`),
    "a file stands in its place": () => Deno.mkdir(`${folder}/file`),
  };
  try {
    for (const [reason, attempt] of Object.entries(tries)) {
      await assert.rejects(attempt, (error) => reasonOf(error) === reason);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("reasonOf() keeps the words of what it does not know", () => {
  assert.equal(
    reasonOf(new Error("The disk is on fire")),
    "The disk is on fire",
  );
  assert.equal(reasonOf("no error at all"), "no error at all");
  const full = Object.assign(new Error("os error 28"), { code: "ENOSPC" });
  assert.equal(reasonOf(full), "there is no space left");
});
