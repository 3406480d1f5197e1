/**
 * How a PostgreSQL store connects, and what a session of it is set to.
 *
 * @module
 */
import type postgres from "postgres";

/** Between two tries of one connection to reach a server, in milliseconds. */
const RECONNECT_PAUSE_MS = 200;

/** How long the server works on one statement before it gives up, in milliseconds. */
const STATEMENT_MS = 20_000;

/** After so long without an answer a connection counts as lost, in milliseconds. */
export const ANSWER_MS = 30_000;

/** Options that the library has and its types do not. */
export interface ConnectOptions
  extends postgres.Options<{ bytea: postgres.PostgresType }> {
  readonly onnotify?: (channel: string, payload: string) => void;
}

/** Bytes travel as hexadecimal text, in both directions. */
const bytea: postgres.PostgresType<Uint8Array | string> = {
  to: 17,
  from: [17],
  serialize: (text) => text,
  parse: (text: string) => Uint8Array.fromHex(text.slice(2)),
};

/** What every session is set to, whatever the server or the role has by default. */
export const SESSION: Partial<postgres.ConnectionParameters> = {
  application_name: "workflow",
  bytea_output: "hex",
  // A commit must see all that was committed while it waited for its turn.
  default_transaction_isolation: "read committed",
  // All statements look into an index, also while a table is new to the planner.
  enable_seqscan: "off",
  enable_bitmapscan: "off",
  jit: "off",
  // A commit waits for its turn as long as a statement may take.
  lock_timeout: STATEMENT_MS,
  statement_timeout: STATEMENT_MS,
};

/** What every connection has. */
export const OPTIONS: ConnectOptions = {
  types: { bytea },
  connection: SESSION,
  // The types of arrays are written in the statements.
  fetch_types: false,
  max_lifetime: null,
  connect_timeout: ANSWER_MS / 1_000,
  backoff: () => RECONNECT_PAUSE_MS / 1_000,
  onnotice: () => {},
};
