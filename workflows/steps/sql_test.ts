import assert from "node:assert/strict";
import type { Host, StepContext } from "@engine/define.ts";
import { systemEffects } from "@engine/effects.ts";
import { TerminalError } from "@engine/errors.ts";
import definition from "./sql.ts";

async function run(
  config: Readonly<Record<string, unknown>>,
  folder?: string,
) {
  const context = { signal: new AbortController().signal } as StepContext;
  // The step takes nothing else from its host.
  const host = { folder, effects: systemEffects() } as unknown as Host;
  const parsed = definition.config.parse({ driver: "sqlite", ...config });
  return definition.output.parse(await definition.run(parsed, context, host));
}

Deno.test("sql changes and reads a file of the document's folder", async () => {
  const folder = `${await Deno.makeTempDir()}/`;
  const ask = (sql: string, args: unknown[] = []) =>
    run({ dsn: "orders.db", sql, args }, folder);
  await ask("create table orders (id, note)");
  assert.deepEqual(
    await ask("insert into orders values (?, ?)", [7, "'; drop table orders"]),
    { rowsAffected: 1 },
  );
  assert.deepEqual(await ask("select * from orders where id = ?", [7]), {
    columns: ["id", "note"],
    rows: [{ id: 7, note: "'; drop table orders" }],
    count: 1,
  });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("sql fails for good on a wrong statement, and on a file elsewhere", async () => {
  await assert.rejects(
    run({ dsn: ":memory:", sql: "selec" }),
    TerminalError,
  );
  await assert.rejects(
    run({ dsn: "../x.db", sql: "select 1" }, `${import.meta.dirname}/`),
    /outside of the folder/,
  );
});

Deno.test("sql takes no driver that it does not know", () => {
  assert.equal(
    definition.config.safeParse({ driver: "mysql", dsn: "x", sql: "x" })
      .success,
    false,
  );
});
