import assert from "node:assert/strict";
import { resolveSecrets } from "./secrets.ts";

/** Resolves with a few known variables and files; says what was looked up. */
async function resolved(...references: readonly string[]) {
  const asked: string[] = [];
  const values = await resolveSecrets(references, {
    env: (name) => {
      asked.push(`env ${name}`);
      return name === "TOKEN" ? "t0ken" : undefined;
    },
    file: (name) => {
      asked.push(`file ${name}`);
      return Promise.resolve(name === "db.key" ? "k3y" : undefined);
    },
  });
  return { values: Object.fromEntries(values), asked };
}

Deno.test("resolveSecrets() reads the environment, by either name", async () => {
  const { values } = await resolved("secret://TOKEN", "secret://env/TOKEN");
  assert.deepEqual(values, {
    "secret://TOKEN": "t0ken",
    "secret://env/TOKEN": "t0ken",
  });
});

Deno.test("resolveSecrets() reads files of the secrets folder", async () => {
  const { values } = await resolved("secret://file/db.key");
  assert.deepEqual(values, { "secret://file/db.key": "k3y" });
});

Deno.test("resolveSecrets() leaves out what has no value", async () => {
  const { values, asked } = await resolved("secret://NO", "secret://file/no");
  assert.deepEqual(values, {});
  assert.deepEqual(asked, ["env NO", "file no"]);
});

Deno.test("resolveSecrets() looks nothing up that is not a plain name", async () => {
  const { values, asked } = await resolved(
    "secret://",
    "secret://file/",
    "secret://file/..",
    "secret://file/../etc",
    "secret://file/a/b",
    "secret://file/.hidden",
    "secret://file//etc/passwd",
    "secret://file/a\\b",
    "secret://file/a\0b",
    "secret://vault/TOKEN",
    "secret://env/TO KEN",
  );
  assert.deepEqual(values, {});
  assert.deepEqual(asked, []);
});
