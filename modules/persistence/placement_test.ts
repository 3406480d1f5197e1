/** Resources in the engine's store and in SQLite. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { systemEffects } from "@engine/effects.ts";
import { simulatedEffects } from "@engine/simulation/effects.ts";
import { memoryStore } from "@engine/store/memory.ts";
import { Persistence } from "@engine/services/persistence.ts";
import { startApplication } from "@engine/testing.ts";
import databases from "../database/modular.ts";
import { CONTRACT, nextType, startStore } from "./_contract_test.ts";
import store from "./store.ts";

async function folder() {
  const path = await Deno.makeTempDir({ prefix: "persistence_" });
  return {
    path: `${path}/`,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

const DATABASE = { driver: "sqlite", dsn: "kept.db" };

for (const [name, test] of Object.entries(CONTRACT)) {
  Deno.test(`persistence.store in the engine's store ${name}`, () => {
    const effects = simulatedEffects();
    return test({ effects, store: memoryStore() }, nextType());
  });

  Deno.test(`persistence.store in SQLite ${name}`, async () => {
    await using place = await folder();
    const effects = systemEffects();
    await test(
      { effects, database: DATABASE, folder: place.path },
      nextType(),
    );
  });
}

Deno.test("persistence.store reads the table of the original engine", async () => {
  await using place = await folder();
  const old = new DatabaseSync(join(place.path, "kept.db"));
  old.exec(`
    create table resources (resource_type text not null, id text not null,
      data text not null, state text not null default '',
      created_at text not null, updated_at text not null,
      primary key (resource_type, id));
    insert into resources values ('notes', 'b', '{"x":1}', 'open',
      '2024-01-01T00:00:00.123456789Z', '2024-01-02T00:00:00Z');
    insert into resources values ('notes', 'a', '{"x":2}', '',
      '2024-02-01T00:00:00Z', '2024-02-02T00:00:00Z');
  `);
  old.close();
  const effects = systemEffects();
  const where = { effects, database: DATABASE, folder: place.path };
  for (let restart = 0; restart < 2; restart++) {
    await using app = await startStore(where);
    const notes = app.collection("notes");
    await notes.create(`new${restart}`, {});
    const [first, second] = await Array.fromAsync(notes.list());
    assert.deepEqual([first?.id, second?.id], ["b", "a"]);
    assert.deepEqual(first?.marks, { state: "open" });
    assert.equal(first?.createdAt, Date.parse("2024-01-01T00:00:00.123Z"));
    assert.ok(
      await notes.replace("a", { x: 3 }, { version: second?.version ?? "" }),
    );
  }
});

Deno.test("persistence.store is degraded while its database is", async () => {
  const effects = simulatedEffects();
  const dsn = "postgres://a:hidden@127.0.0.1:1/c";
  await using app = await startStore({
    effects,
    database: { driver: "postgres", dsn },
  });
  const { status, message } = await app.health();
  assert.equal(status, "degraded");
  assert.match(String(message), /ECONNREFUSED/);
});

Deno.test("persistence.store keeps resources in the connection that is named, else in the default one", async () => {
  await using place = await folder();
  const sqlite = (dsn: string) => ({ driver: "sqlite", dsn });
  const kept = async (connection?: string) => {
    await using app = await startApplication({
      document: {
        modules: [
          {
            name: "dbs",
            type: "database.modular",
            config: {
              default: "one",
              connections: { one: sqlite("one.db"), two: sqlite("two.db") },
            },
          },
          {
            name: "persistence",
            type: "persistence.store",
            config: { database: "dbs", ...connection && { connection } },
            dependsOn: ["dbs"],
          },
        ],
      },
      definitions: [store, databases],
      effects: systemEffects(),
      folder: place.path,
    });
    const notes = app.service(Persistence).collection("notes");
    await notes.create(connection ?? "default", {});
    return (await Array.fromAsync(notes.list())).map(({ id }) => id);
  };
  assert.deepEqual(await kept("two"), ["two"]);
  assert.deepEqual(await kept(), ["default"]);
  assert.deepEqual(await kept("one"), ["default", "one"]);
});
