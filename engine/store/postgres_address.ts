/**
 * What the URL of a PostgreSQL store says, and how messages show it.
 *
 * @module
 */

/** The schema that a URL without `?schema=` means. */
const DEFAULT_SCHEMA = "public";

/** What PostgreSQL takes unquoted, but for letters beyond ASCII. */
const SCHEMA = /^[a-z_][a-z0-9_]{0,62}$/;

/** What may follow the "?": everything else is decided by the engine. */
const OPTIONS: readonly string[] = ["schema", "sslmode"];

/** Where a store is. */
export interface PostgresAddress {
  /** The URL for the client library: with the password, and without the schema. */
  readonly connectUrl: string;
  /** A name that needs no quotes. */
  readonly schema: string;
  /** The URL for messages: without password and options. */
  readonly shown: string;
}

/**
 * Takes a URL apart: `postgres://USER:PASSWORD@HOST:PORT/DATABASE?schema=NAME`.
 * Another option is `sslmode`: `disable` (the default), `prefer` and `require` take
 * any certificate, `verify-full` one that the system trusts.
 *
 * @throws {Error} It names no user, host or database, or an option is not right.
 */
export function postgresAddress(url: string): PostgresAddress {
  const shown = shownUrl(url);
  const refuse = (reason: string) =>
    new Error(
      `Cannot open store "${shown}": ${reason}, expected ` +
        "postgres://USER:PASSWORD@HOST:PORT/DATABASE?schema=NAME",
    );
  // The message of a failing `new URL()` repeats all of the URL.
  if (!URL.canParse(url)) {
    throw refuse("it is no URL (a password has %2F for / and %23 for #)");
  }
  const parsed = new URL(url);
  if (parsed.hostname === "") throw refuse("it names no host");
  if (parsed.username === "") throw refuse("it names no user");
  if (parsed.pathname.length <= 1) throw refuse("it names no database");
  const unknown = parsed.searchParams.keys()
    .find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) {
    throw refuse(`"${unknown}" is none of its options ${OPTIONS.join(", ")}`);
  }
  const schema = parsed.searchParams.get("schema") ?? DEFAULT_SCHEMA;
  if (!SCHEMA.test(schema)) {
    throw refuse(
      `the schema ${JSON.stringify(schema)} is not up to 63 of a-z, 0-9 and _`,
    );
  }
  parsed.searchParams.delete("schema");
  return { connectUrl: parsed.href, schema, shown };
}

/** A URL without what may be a password: its user part, options and fragment. */
export function shownUrl(url: string): string {
  // An "@" or "/" that was not escaped belongs to the password, so the last counts.
  const withoutUser = url.replace(/\/\/.*@/s, "//***@");
  return withoutUser.replace(/[?#].*$/s, "");
}
