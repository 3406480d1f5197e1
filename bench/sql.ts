/**
 * Measures inserts a second through `database.workflow` beside the bare driver that
 * it uses: `node:sqlite` on a file in the same mode, and `postgres` with a pool of
 * the same size on a server that is started for it.
 *
 *     deno run -A bench/sql.ts
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import postgres from "postgres";
import { catalog } from "../catalog.gen.ts";
import type { JsonObject } from "../engine/define.ts";
import { systemEffects } from "../engine/effects.ts";
import { Actions } from "../engine/services/actions.ts";
import { Sql } from "../engine/services/sql.ts";
import { startApplication } from "../engine/testing.ts";
import { serverOfFile } from "../tests/services/postgres_server.ts";

/** How long each round is measured, in milliseconds, and how many there are. */
const ROUND_MS = 1_500;
const ROUNDS = 3;

const CONNECTIONS = 10;

const MAKE = "create table orders (id integer primary key, note text not null)";
const INSERT = "insert into orders (id, note) values ($1, $2)";
const NOTE = "x".repeat(100);

/** Inserts one row. */
type Insert = (id: number) => Promise<unknown> | unknown;

/** One way to insert, with so many in flight. */
interface Way {
  readonly name: string;
  readonly inFlight: number;
  readonly insert: Insert;
}

let nextId = 0;

/** Inserts a second. */
async function rateOf({ inFlight, insert }: Way): Promise<number> {
  const began = performance.now();
  const end = began + ROUND_MS;
  let count = 0;
  await Promise.all(Array.from({ length: inFlight }, async () => {
    while (performance.now() < end) {
      await insert(++nextId);
      count++;
    }
  }));
  return count / (performance.now() - began) * 1_000;
}

/** Rounds alternate; the fastest of each counts, since noise only ever adds. */
async function compare(title: string, ways: readonly Way[]): Promise<void> {
  const best = new Map<Way, number>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const way of ways) {
      best.set(way, Math.max(best.get(way) ?? 0, await rateOf(way)));
    }
  }
  const bare = best.get(ways[0] as Way) ?? 0;
  console.log(title);
  for (const [{ name }, rate] of best) {
    const share = Math.round(rate / bare * 100);
    console.log(`  ${name}: ${Math.round(rate)} a second, ${share} %`);
  }
}

/** An application with one database, and the ways into it. */
async function application(config: JsonObject, folder?: string) {
  const app = await startApplication({
    document: { modules: [{ name: "db", type: "database.workflow", config }] },
    definitions: catalog.modules.values(),
    effects: systemEffects(),
    ...folder === undefined ? {} : { folder },
  });
  const sql = app.service(Sql).connection();
  const actions = app.service(Actions);
  const context = { signal: AbortSignal.any([]), idempotencyKey: "bench" };
  return {
    run: (text: string) => sql.run({ sql: text, args: [] }),
    service: (id: number) => sql.run({ sql: INSERT, args: [id, NOTE] }),
    action: (id: number) =>
      actions.act(
        "insert",
        { table: "orders", data: { id, note: NOTE } },
        context,
      ),
    stop: () => app.stop(),
  };
}

async function sqlite(): Promise<void> {
  const folder = `${await Deno.makeTempDir()}/`;
  const bare = new DatabaseSync(join(folder, "bare.db"));
  bare.exec("PRAGMA journal_mode = WAL");
  bare.exec(MAKE);
  const statement = bare.prepare(INSERT.replaceAll("$", "?"));
  const app = await application({ driver: "sqlite", dsn: "app.db" }, folder);
  await app.run(MAKE);
  const insert: Insert = (id) => statement.run(id, NOTE);
  await compare("SQLite, a file, each insert in a commit of its own", [
    { name: "bare node:sqlite", inFlight: 1, insert },
    { name: "service, 1 in flight", inFlight: 1, insert: app.service },
    { name: "service, 100 in flight", inFlight: 100, insert: app.service },
    { name: "action, 1 in flight", inFlight: 1, insert: app.action },
    { name: "action, 100 in flight", inFlight: 100, insert: app.action },
  ]);
  await app.stop();
  bare.close();
  await Deno.remove(folder, { recursive: true });
}

async function postgresql(): Promise<void> {
  const server = await serverOfFile();
  if (typeof server === "string") return console.log(`PostgreSQL: ${server}`);
  const dsn = server.url().split("?")[0] ?? "";
  const sql = postgres(dsn, { max: CONNECTIONS, onnotice() {} });
  const app = await application({
    driver: "postgres",
    dsn,
    maxOpenConns: CONNECTIONS,
  });
  await app.run(MAKE);
  const insert: Insert = (id) =>
    sql`insert into orders (id, note) values (${id}, ${NOTE})`;
  for (const inFlight of [1, 100]) {
    await compare(`PostgreSQL, ${inFlight} in flight`, [
      { name: "bare postgres", inFlight, insert },
      { name: "service", inFlight, insert: app.service },
      { name: "action", inFlight, insert: app.action },
    ]);
  }
  await app.stop();
  await sql.end();
  await server[Symbol.asyncDispose]();
}

if (import.meta.main) {
  await sqlite();
  await postgresql();
}
