/**
 * The bearer token of the management surface.
 *
 * @module
 */
import { join } from "node:path";
import { timingSafeEqual } from "node:crypto";

/** The token, and whether it was made just now. */
export interface Token {
  readonly value: string;
  readonly isNew: boolean;
}

/** A token that is shorter can be guessed. */
export const TOKEN_CHARACTERS_MIN = 16;

/**
 * The token from the environment, else the one under the data folder, else a
 * new one that is kept there, readable by its owner only.
 *
 * @throws {RangeError} if the given token is too short.
 * @throws {TypeError} if none is given and there is no folder.
 */
export async function managementToken(
  folder: string | undefined,
  given: string | undefined,
  randomBytes: (count: number) => Uint8Array<ArrayBuffer>,
): Promise<Token> {
  if (given !== undefined && given !== "") {
    if (given.length < TOKEN_CHARACTERS_MIN) {
      throw new RangeError(
        `Cannot use WORKFLOW_TOKEN: it has ${given.length} characters, ` +
          `at least ${TOKEN_CHARACTERS_MIN} are needed`,
      );
    }
    return { value: given, isNew: false };
  }
  if (folder === undefined) {
    throw new TypeError(
      "Cannot make a management token: no folder keeps it here, set WORKFLOW_TOKEN",
    );
  }
  const kept = await readToken(folder);
  if (kept !== undefined) return { value: kept, isNew: false };
  const value = randomBytes(24).toBase64({ alphabet: "base64url" });
  await Deno.writeTextFile(tokenFile(folder), value + "\n", { mode: 0o600 });
  return { value, isNew: true };
}

/** The token that an earlier start has kept. */
export async function readToken(folder: string): Promise<string | undefined> {
  try {
    const text = (await Deno.readTextFile(tokenFile(folder))).trim();
    return text.length >= TOKEN_CHARACTERS_MIN ? text : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Compares in a time that does not tell where two tokens differ. */
export function isToken(candidate: string, token: string): boolean {
  const [a, b] = [candidate, token].map((text) =>
    new TextEncoder().encode(text)
  );
  return a !== undefined && b !== undefined && a.length === b.length &&
    timingSafeEqual(a, b);
}

function tokenFile(folder: string): string {
  return join(folder, "management-token");
}
