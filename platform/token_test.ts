import assert from "node:assert/strict";
import { isToken, managementToken, readToken } from "./token.ts";

const bytes = (count: number) => new Uint8Array(count).fill(7);

Deno.test("managementToken() makes a token once and finds it again", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const first = await managementToken(folder, undefined, bytes);
    const second = await managementToken(folder, undefined, () => bytes(1));
    assert.equal(first.isNew, true);
    assert.deepEqual(second, { value: first.value, isNew: false });
    assert.equal(await readToken(folder), first.value);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("managementToken() keeps the file from other users", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await managementToken(folder, undefined, bytes);
    const file = `${folder}/management-token`;
    assert.equal(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
    // A file that is there already brings its own mode along.
    await Deno.writeTextFile(file, "short\n");
    await Deno.chmod(file, 0o644);
    await managementToken(folder, undefined, bytes);
    assert.equal(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("managementToken() takes the given one and refuses a short one", async () => {
  const given = await managementToken(
    undefined,
    "a-token-of-24-characters",
    bytes,
  );
  assert.deepEqual(given, { value: "a-token-of-24-characters", isNew: false });
  await assert.rejects(
    managementToken(undefined, "short", bytes),
    /WORKFLOW_TOKEN: it has 5 characters, at least 16 are needed/,
  );
});

Deno.test("isToken() tells equal from different tokens of any length", () => {
  assert.equal(isToken("abc", "abc"), true);
  assert.equal(isToken("abd", "abc"), false);
  assert.equal(isToken("ab", "abc"), false);
  assert.equal(isToken("", "abc"), false);
});

Deno.test("managementToken() needs a given one where no folder keeps it", async () => {
  await assert.rejects(
    managementToken(undefined, undefined, bytes),
    /no folder keeps it here, set WORKFLOW_TOKEN/,
  );
});
