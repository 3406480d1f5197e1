/**
 * Says in words why the operating system did not do what it was asked. Its own
 * words name calls and numbers that nobody who mends a path can use.
 *
 * @module
 */
import { messageOf } from "../engine/mod.ts";

/** The kinds of error that a wrong path or address leads to. */
const REASONS: readonly (readonly [new () => Error, string])[] = [
  [Deno.errors.NotFound, "there is no such file"],
  [Deno.errors.PermissionDenied, "access is denied"],
  [Deno.errors.NotCapable, "the permissions of this process leave it out"],
  [Deno.errors.IsADirectory, "it is a folder"],
  [Deno.errors.NotADirectory, "its path leads through a file"],
  [Deno.errors.AlreadyExists, "a file stands in its place"],
  [Deno.errors.AddrInUse, "it is in use"],
  [Deno.errors.AddrNotAvailable, "this machine does not have it"],
];

/** The same for errors that Deno tells apart by their code only. */
const CODES: Readonly<Record<string, string>> = {
  EROFS: "the file system is read-only",
  ENOSPC: "there is no space left",
};

/** Why something failed, to stand behind a colon; the error's own text if unknown. */
export function reasonOf(error: unknown): string {
  for (const [kind, reason] of REASONS) {
    if (error instanceof kind) return reason;
  }
  const code = error instanceof Error && "code" in error ? error.code : "";
  return CODES[String(code)] ?? messageOf(error);
}
