/**
 * The users that a document brings along: a JSON file
 * `[{"id": …, "data": {"email": …, "password": …, "name": …, …}}]`.
 *
 * @module
 */
import type { JsonObject } from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";
import { nameFault, normalEmail, passwordFault } from "./_credentials.ts";
import {
  HASHES_AT_ONCE,
  isPasswordHash,
  type Passwords,
} from "./_passwords.ts";
import type { User, Users } from "./_users.ts";

/** The longest id of a seeded user, in characters. */
export const SEED_ID_CHARACTERS_MAX = 200;

/** A user of a seed file. */
export interface Seed {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly credential:
    | { readonly kind: "password"; readonly password: string }
    | { readonly kind: "hash"; readonly hash: string };
  readonly metadata: User["metadata"];
}

/** Reads a seed file. @throws {Error} naming the file and the entry at fault. */
export async function readSeeds(file: string): Promise<readonly Seed[]> {
  let entries: unknown;
  try {
    entries = JSON.parse(await Deno.readTextFile(file));
  } catch (error) {
    throw new Error(
      `Cannot read the seed file "${file}": ${messageOf(error)}`,
      { cause: error },
    );
  }
  if (!Array.isArray(entries)) {
    throw new Error(`Cannot read the seed file "${file}": it holds no list`);
  }
  const seeds: Seed[] = [];
  for (const [index, entry] of entries.entries()) {
    const seed = parseSeed(entry, seeds);
    if (typeof seed !== "string") seeds.push(seed);
    else throw new Error(faultOf(file, index, entry, seed));
  }
  return seeds;
}

/**
 * Adds the users whose address nobody has yet; existing users stay as they are.
 *
 * @throws {Error} if the id of a new user belongs to another user.
 */
export async function plantSeeds(
  seeds: readonly Seed[],
  users: Users,
  passwords: Passwords,
  nowMs: number,
): Promise<void> {
  const createdAt = new Date(nowMs).toISOString();
  async function plant(seed: Seed): Promise<void> {
    const { id, email, name, credential, metadata } = seed;
    if (await users.byEmail(email)) return;
    const passwordHash = credential.kind === "hash"
      ? credential.hash
      : await passwords.hash(credential.password);
    const user = { id, email, name, passwordHash, metadata, createdAt };
    if (await users.create(user) === "id-taken") {
      throw new Error(
        `Cannot add the seed user "${email}": the id "${id}" belongs to another user`,
      );
    }
  }
  for (let start = 0; start < seeds.length; start += HASHES_AT_ONCE) {
    await Promise.all(seeds.slice(start, start + HASHES_AT_ONCE).map(plant));
  }
}

/** A seed, or what is wrong with it. */
function parseSeed(entry: unknown, before: readonly Seed[]): Seed | string {
  if (!isObject(entry)) return "is no object";
  const { id, data } = entry;
  if (typeof id !== "string" || id === "") return 'has no "id"';
  if (id.length > SEED_ID_CHARACTERS_MAX) {
    return `has an "id" of more than ${SEED_ID_CHARACTERS_MAX} characters`;
  }
  if (!isObject(data)) return 'has no "data"';
  const { email: address, name = "", password, passwordHash, ...metadata } =
    data;
  if (typeof address !== "string") return 'has no "email"';
  const email = normalEmail(address);
  if (email === undefined) return `has the malformed email "${address}"`;
  if (before.some((seed) => seed.email === email)) {
    return `repeats the email "${email}"`;
  }
  if (before.some((seed) => seed.id === id)) return `repeats the id "${id}"`;
  if (typeof name !== "string") return 'has a "name" that is no text';
  const credential = parseCredential(password, passwordHash);
  const fault = nameFault(name) ??
    (typeof credential === "string" ? credential : undefined);
  if (fault !== undefined || typeof credential === "string") {
    return `is refused: ${fault}`;
  }
  return {
    id,
    email,
    name,
    credential,
    metadata,
  };
}

/** What proves who somebody is; the original engine makes up a password here. */
function parseCredential(
  password: unknown,
  hash: unknown,
): Seed["credential"] | string {
  if (hash !== undefined) {
    const isReadable = typeof hash === "string" && isPasswordHash(hash);
    if (!isReadable) return 'its "passwordHash" is neither Argon2id nor bcrypt';
    return { kind: "hash", hash };
  }
  if (typeof password !== "string") {
    return 'it has neither a "password" nor a "passwordHash"';
  }
  return passwordFault(password) ?? { kind: "password", password };
}

function faultOf(
  file: string,
  index: number,
  entry: unknown,
  fault: string,
): string {
  const id = isObject(entry) && typeof entry.id === "string" && entry.id !== ""
    ? ` ("${entry.id}")`
    : "";
  return `Cannot read the seed file "${file}": entry ${
    index + 1
  }${id} ${fault}`;
}

function isObject(
  value: unknown,
): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
