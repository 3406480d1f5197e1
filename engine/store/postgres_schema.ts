/**
 * The SQL of a PostgreSQL store: one table, one sequence, and functions that make
 * a commit one round trip.
 *
 * Commits of a schema run one after another, behind one lock that ends with each.
 * So they are totally ordered, versions grow in that order, nothing deadlocks and
 * nothing needs a retry; `groupCommit` makes up for it by making few of many.
 *
 * The functions carry a number. Change one, and its number changes: processes of
 * two releases can then share a database.
 *
 * @module
 */

/** The statements about one schema. */
export interface PostgresStatements {
  /** Whether everything is there, and the channel; no rows are never. */
  readonly look: string;
  /** Makes what is missing, in one transaction. */
  readonly create: string;
  /** Parameters: see the function. `version` is null for a conflict. */
  readonly commit: string;
  /** Parameters: keys, time. */
  readonly read: string;
  /** Parameters: start, end, time, limit. */
  readonly list: string;
  /** Parameters: start, end, time, limit. From the last to the first. */
  readonly listReverse: string;
  /** Parameters: time, limit. `swept` is how many rows it removed. */
  readonly sweep: string;
}

/** What a notification says where it names no keys: look at all of them. */
export const ALL_CHANGED = "*";

/** The upper half of the locks, as "work" in ASCII; the lower is the table's id. */
const LOCK_CLASS = 0x776f726b;

const COMMIT_TYPES =
  "bytea[], bigint[], bytea[], bytea[], bigint[], bytea[], text, bigint";

/** The statements for a schema, whose name needs no quotes. */
export function postgresStatements(schema: string): PostgresStatements {
  const table = `"${schema}".workflow_store`;
  const commit = `"${schema}".workflow_store_commit_1`;
  const sweep = `"${schema}".workflow_store_sweep_1`;
  // The server's clock is the one that all processes have in common.
  const serverMs =
    "floor(extract(epoch FROM statement_timestamp()) * 1000)::bigint";
  const isLive = (time: string) =>
    `(expires_at IS NULL OR expires_at > coalesce(${time}::bigint, ${serverMs}))`;
  const list = (order: string) =>
    `SELECT key, value, version FROM ${table} ` +
    `WHERE key >= $1::bytea AND key < $2::bytea AND ${isLive("$3")} ` +
    `ORDER BY key ${order} LIMIT $4::int`;
  return {
    look: `SELECT to_regprocedure('${commit}(${COMMIT_TYPES})') IS NOT NULL ` +
      `AS "isMade", 'workflow_store_' || to_regclass('${table}')::oid AS channel`,
    create: createStatements(schema, { table, commit, sweep }),
    commit: `SELECT ${commit}($1, $2, $3, $4, $5, $6, $7, $8) AS version`,
    read: `SELECT key, value, version FROM ${table} ` +
      `WHERE key = ANY ($1::bytea[]) AND ${isLive("$2")}`,
    list: list("ASC"),
    listReverse: list("DESC"),
    sweep: `SELECT ${sweep}($1, $2) AS swept`,
  };
}

interface Names {
  readonly table: string;
  readonly commit: string;
  readonly sweep: string;
}

/** Sent as one simple query, which is one transaction. */
function createStatements(schema: string, names: Names): string {
  const { table } = names;
  return `
SELECT pg_advisory_xact_lock(${LOCK_CLASS}::bigint << 32);
DO $$ BEGIN
  -- Without the question, a role that may not make schemas could not come here.
  IF to_regnamespace('"${schema}"') IS NULL THEN
    CREATE SCHEMA "${schema}";
  END IF;
END $$;
CREATE TABLE IF NOT EXISTS ${table} (
  key bytea PRIMARY KEY,
  value bytea NOT NULL,
  version bigint NOT NULL,
  expires_at bigint
);
CREATE INDEX IF NOT EXISTS workflow_store_expires_at
  ON ${table} (expires_at) WHERE expires_at IS NOT NULL;
CREATE SEQUENCE IF NOT EXISTS "${schema}".workflow_store_version;
${commitFunction(schema, names)}
${sweepFunction(names)}`;
}

/** Takes the lock of the store, and looks at the clock behind it. */
function begin(table: string): string {
  return `
  PERFORM pg_advisory_xact_lock(
    (${LOCK_CLASS}::bigint << 32) | '${table}'::regclass::oid::bigint);
  -- An answer means that the disk has it, whatever the server's default is.
  IF current_setting('synchronous_commit') = 'off' THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  server_ms := extract(epoch FROM clock_timestamp()) * 1000;
  now_ms := coalesce(at_ms, floor(server_ms)::bigint);`;
}

function notify(table: string, payload: string): string {
  return `PERFORM pg_notify(
      'workflow_store_' || '${table}'::regclass::oid, ${payload});`;
}

/**
 * Each key stands once in the sets, and not also in the deletes. Subqueries make
 * sure of a look into the index for each key, however large the table has become
 * since the plan was made.
 */
function commitFunction(schema: string, { table, commit }: Names): string {
  return `
CREATE OR REPLACE FUNCTION ${commit}(
  check_keys bytea[], check_versions bigint[],
  set_keys bytea[], set_values bytea[], set_expire_in_ms bigint[],
  delete_keys bytea[], touched text, at_ms bigint
) RETURNS bigint LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  server_ms numeric;
  now_ms bigint;
  next_version bigint;
BEGIN${begin(table)}
  IF EXISTS (
    SELECT FROM unnest(check_keys, check_versions) AS checked (id, expected)
    WHERE checked.expected IS DISTINCT FROM (
      SELECT version FROM ${table}
      WHERE key = checked.id
        AND (expires_at IS NULL OR expires_at > now_ms)
    )
  ) THEN
    RETURN NULL;
  END IF;
  next_version := nextval('"${schema}".workflow_store_version');
  INSERT INTO ${table} (key, value, version, expires_at)
    SELECT id, content, next_version,
      coalesce(at_ms, ceil(server_ms)::bigint) + expire_in_ms
    FROM unnest(set_keys, set_values, set_expire_in_ms)
      AS written (id, content, expire_in_ms)
    ON CONFLICT (key) DO UPDATE SET
      value = excluded.value,
      version = excluded.version,
      expires_at = excluded.expires_at;
  DELETE FROM ${table} WHERE key = ANY (delete_keys);
  IF touched <> '' THEN
    ${notify(table, "touched")}
  END IF;
  RETURN next_version;
END $$;`;
}

/** Behind the lock, so that it meets no row that is being written again. */
function sweepFunction({ table, sweep }: Names): string {
  return `
CREATE OR REPLACE FUNCTION ${sweep}(at_ms bigint, most int)
RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  server_ms numeric;
  now_ms bigint;
  swept int;
BEGIN${begin(table)}
  DELETE FROM ${table} WHERE key = ANY (ARRAY(
    SELECT key FROM ${table}
    WHERE expires_at <= now_ms ORDER BY expires_at LIMIT most
  ));
  GET DIAGNOSTICS swept = ROW_COUNT;
  IF swept > 0 THEN
    ${notify(table, `'${ALL_CHANGED}'`)}
  END IF;
  RETURN swept;
END $$;`;
}
