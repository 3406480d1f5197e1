/**
 * Reads as much of a statement's text as must be known before it runs.
 *
 * @module
 */
import { TerminalError } from "../../errors.ts";

/** Texts, names in quotes and comments; else a parameter. */
const PARTS =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?\*\/|(?<![\w$])\$(\d{1,5})(?![\w$])|(\?)(?!\d)/g;

/** The word that a statement begins with, in small letters. */
export function firstWord(sql: string): string {
  const found = /^(?:[\s;(]|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*([a-z]+)/i
    .exec(sql);
  return found?.[1]?.toLowerCase() ?? "";
}

/** A statement as SQLite takes it, and how many values it has. */
export interface SqliteText {
  readonly sql: string;
  readonly values: number;
}

/**
 * Writes `$1`, `$2`… as SQLite does: `?1`, `?2`…
 *
 * @throws {TerminalError} `?` stands beside them.
 */
export function sqliteText(sql: string): SqliteText {
  let numbered = 0;
  let plain = 0;
  const text = sql.replaceAll(PARTS, (part, number?: string, mark?: string) => {
    if (mark !== undefined) plain++;
    if (number === undefined) return part;
    numbered = Math.max(numbered, Number(number));
    return `?${number}`;
  });
  if (numbered > 0 && plain > 0) {
    throw new TerminalError(
      "Cannot run the statement: it has $1 as well as ? for its values",
    );
  }
  return { sql: text, values: Math.max(numbered, plain) };
}

/** Whether anything but comments and semicolons is left of a text. */
export function isMore(rest: string): boolean {
  return rest.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\/|[\s;]/g, "") !== "";
}

const CONTROL: ReadonlySet<string> = new Set([
  ...["begin", "start", "commit", "end", "rollback", "abort"],
  ...["savepoint", "release", "prepare"],
]);

/**
 * Connections are shared: a transaction that one statement began would take in
 * those of others.
 *
 * @throws {TerminalError} The statement begins or ends a transaction.
 */
export function refuseControl(sql: string): void {
  const word = firstWord(sql);
  if (!CONTROL.has(word)) return;
  throw new TerminalError(
    `Cannot run "${word}" as a statement: connections are shared, so several ` +
      "statements that belong together are one transaction",
  );
}
