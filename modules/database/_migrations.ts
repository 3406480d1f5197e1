/**
 * Brings a database to the shape that an application wants: the files of a folder,
 * in order, each once.
 *
 * @module
 */
import { join } from "node:path";
import type { JsonValue } from "@engine/define.ts";
import { messageOf, RetryableError, TerminalError } from "@engine/errors.ts";
import {
  type Database,
  hasRows,
  type Statement,
} from "@engine/outgoing/sql/database.ts";

/** The key of the lock that processes take; a number that nobody else uses. */
const LOCK = 7_289_411_503;

/** One file. */
interface Migration {
  readonly name: string;
  readonly script: string;
  /** Tells whether it has changed since. */
  readonly checksum: string;
}

/**
 * Applies the files that are not applied yet, and says which those were.
 *
 * @throws {TerminalError} A file is wrong, or is not what was applied under its
 * name. Those before it stay applied.
 * @throws {RetryableError} The database cannot be reached.
 */
export async function migrate(
  database: Database,
  folder: string,
  { now, signal }: { readonly now: () => number; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const migrations = await migrationsIn(folder);
  await database.transact([...lock(database), TABLE], signal);
  const done: string[] = [];
  for (const migration of migrations) {
    const { name, checksum } = migration;
    if (await isApplied(database, migration, signal)) continue;
    try {
      await database.transact([
        ...lock(database),
        {
          sql: "INSERT INTO workflow_migrations (name, checksum, applied_at) " +
            "VALUES ($1, $2, $3)",
          args: [name, checksum, new Date(now()).toISOString()],
        },
        { script: migration.script },
      ], signal);
      done.push(name);
    } catch (error) {
      if (error instanceof RetryableError) throw error;
      // Another process had the lock first, and this was what it applied.
      if (await isApplied(database, migration, signal)) continue;
      throw new TerminalError(
        `Cannot apply the migration "${name}": ${messageOf(error)}`,
      );
    }
  }
  return done;
}

const TABLE: Statement = {
  sql: "CREATE TABLE IF NOT EXISTS workflow_migrations (" +
    "name TEXT PRIMARY KEY, checksum TEXT NOT NULL, applied_at TEXT NOT NULL)",
  args: [],
};

/** SQLite has one writer anyway. */
function lock({ dialect }: Database): readonly Statement[] {
  if (dialect === "sqlite") return [];
  return [{ sql: `SELECT pg_advisory_xact_lock(${LOCK})`, args: [] }];
}

async function isApplied(
  database: Database,
  { name, checksum }: Migration,
  signal: AbortSignal,
): Promise<boolean> {
  const args: readonly JsonValue[] = [name];
  const sql = "SELECT checksum FROM workflow_migrations WHERE name = $1";
  const found = await database.run({ sql, args }, signal);
  const [row] = hasRows(found) ? found.rows : [];
  if (row === undefined || row.checksum === checksum) return row !== undefined;
  throw new TerminalError(
    `Cannot apply the migration "${name}": its file has changed since it was ` +
      "applied; put what is new into a file of its own",
  );
}

async function migrationsIn(folder: string): Promise<readonly Migration[]> {
  const names: string[] = [];
  try {
    for await (const { name, isFile } of Deno.readDir(folder)) {
      if (isFile && name.endsWith(".sql")) names.push(name);
    }
  } catch (cause) {
    throw new TerminalError(
      `Cannot read the migrations: ${messageOf(cause)}`,
      { cause },
    );
  }
  return await Promise.all(
    names.sort().map(async (name) => {
      const script = await Deno.readTextFile(join(folder, name));
      const bytes = new TextEncoder().encode(script);
      const digest = await crypto.subtle.digest("SHA-256", bytes);
      return { name, script, checksum: new Uint8Array(digest).toHex() };
    }),
  );
}
