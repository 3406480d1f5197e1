/**
 * The endpoints of `auth.jwt`, each of which answers one kind of request, and what
 * of them `auth.modular` shares.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import type { Claims, HttpContext } from "@engine/services/http_handler.ts";
import { clientKey } from "../_client_key.ts";
import type { Limiter } from "../_limiter.ts";
import { nameFault, normalEmail, passwordFault } from "./_credentials.ts";
import type { Passwords } from "./_passwords.ts";
import { RefusedRequest } from "./_refused_request.ts";
import { readFields, readOptionalFields, textField } from "./_request_body.ts";
import type { Sessions } from "./_sessions.ts";
import type { StoredUser, User, Users } from "./_users.ts";

/** How often a client may try to sign in as one user: at once, … */
export const SIGN_INS_AT_ONCE = 10;

/** … and in the long run. Successful ones do not count. */
export const SIGN_INS_PER_MINUTE = 5;

/** How often a change to a user is tried again when others change it too. */
const CHANGE_ATTEMPTS = 5;

/** What the endpoints work with. */
export interface AccountParts {
  readonly users: Users;
  readonly passwords: Passwords;
  readonly sessions: Sessions;
  readonly effects: Host["effects"];
  /** Bounds the attempts of a client to sign in. */
  readonly attempts: Limiter;
  /** Why a password does not do at registration; `undefined` if it does. */
  readonly newPasswordFault: (password: string) => string | undefined;
}

/** See the module comment. Every method may throw `RefusedRequest`. */
export class Accounts {
  readonly #parts: AccountParts;

  constructor(parts: AccountParts) {
    this.#parts = parts;
  }

  async register(context: HttpContext): Promise<Response> {
    const user = await this.newUser(context);
    const issued = await this.#parts.sessions.begin(user);
    const { id, email, name, createdAt } = user;
    return answer(201, { ...issued, user: { id, email, name, createdAt } });
  }

  /**
   * Makes the user whom a request describes. Fields beside email, name and password
   * are ignored: nobody gives themselves a role.
   */
  async newUser({ request }: HttpContext): Promise<User> {
    const { users, passwords, effects } = this.#parts;
    const fields = await readFields(request);
    const email = normalEmail(textField(fields, "email"));
    if (email === undefined) {
      throw new RefusedRequest(400, "The email address is malformed");
    }
    const password = textField(fields, "password");
    const name = fields.name === undefined ? "" : textField(fields, "name");
    refuse(this.#parts.newPasswordFault(password));
    refuse(nameFault(name));
    if (await users.byEmail(email)) throw taken();
    const user: User = {
      id: effects.ids.next(),
      email,
      name,
      passwordHash: await passwords.hash(password),
      metadata: {},
      createdAt: new Date(effects.clock.now()).toISOString(),
    };
    if (await users.create(user) !== "created") throw taken();
    return user;
  }

  async login(context: HttpContext): Promise<Response> {
    const user = await this.knownUser(context);
    const issued = await this.#parts.sessions.begin(user);
    return answer(200, { ...issued, user: flattened(user) });
  }

  /** The user whose email address and password a request has. */
  async knownUser({ request, remoteAddress }: HttpContext): Promise<User> {
    const { users, passwords, attempts } = this.#parts;
    const fields = await readFields(request);
    const email = normalEmail(textField(fields, "email"));
    const password = textField(fields, "password");
    refuse(passwordFault(password));
    const client = `${email}\n${clientKey(remoteAddress)}`;
    await this.#countAttempt(client);
    const stored = email === undefined ? undefined : await users.byEmail(email);
    const fit = await passwords.verify(password, stored?.user.passwordHash);
    if (!stored || fit === "wrong") {
      throw new RefusedRequest(401, "The email address or password is wrong");
    }
    await attempts.refund(client);
    if (fit === "outdated") await this.#renewHash(stored, password);
    return stored.user;
  }

  async refresh({ request }: HttpContext): Promise<Response> {
    const { users, sessions } = this.#parts;
    const token = textField(await readFields(request), "refreshToken");
    const renewed = await sessions.renew(
      token,
      async (id) => (await users.byId(id))?.user,
    );
    if (!renewed) throw unauthorized("The refresh token is not valid");
    const { issued, user } = renewed;
    return answer(200, { ...issued, user: flattened(user) });
  }

  /** Ends the session of the access token, of the refresh token, or of both. */
  async logout(context: HttpContext): Promise<Response> {
    const { sessions } = this.#parts;
    const fields = await readOptionalFields(context.request);
    const claims = await this.#claims(context.request);
    if (claims) await sessions.end(claims);
    const hasEnded = fields.refreshToken !== undefined &&
      await sessions.endByRefreshToken(textField(fields, "refreshToken"));
    if (!claims && !hasEnded) throw unauthorized("No valid token was sent");
    return new Response(null, {
      status: 204,
      headers: { "cache-control": "no-store" },
    });
  }

  async profile({ request }: HttpContext): Promise<Response> {
    const { user } = await this.#caller(request);
    return answer(200, flattened(user));
  }

  /** Changes the name, and nothing else. */
  async changeProfile({ request }: HttpContext): Promise<Response> {
    let stored = await this.#caller(request);
    const fields = await readFields(request);
    const name = fields.name === undefined ? "" : textField(fields, "name");
    refuse(nameFault(name));
    if (name === "") return answer(200, flattened(stored.user));
    for (let attempt = 0; attempt < CHANGE_ATTEMPTS; attempt++) {
      const changed = { ...stored.user, name };
      if (await this.#parts.users.replace(stored, changed)) {
        return answer(200, flattened(changed));
      }
      stored = await this.#caller(request);
    }
    throw new RefusedRequest(409, "The user is being changed by others");
  }

  async #countAttempt(client: string): Promise<void> {
    const waitMs = await this.#parts.attempts.take(client);
    if (waitMs === 0) return;
    throw new RefusedRequest(429, "Too many attempts to sign in", {
      "retry-after": String(Math.ceil(waitMs / 1_000)),
    });
  }

  /** A hash of an older kind is replaced while the password is at hand. */
  async #renewHash(stored: StoredUser, password: string): Promise<void> {
    const { users, passwords } = this.#parts;
    const passwordHash = await passwords.hash(password);
    // If somebody else changes the user at this moment, the next sign-in does it.
    await users.replace(stored, { ...stored.user, passwordHash });
  }

  async #claims({ headers }: Request): Promise<Claims | undefined> {
    const header = headers.get("authorization");
    if (!header?.startsWith(SCHEME)) return undefined;
    return await this.#parts.sessions.authenticate(header.slice(SCHEME.length));
  }

  async #caller(request: Request): Promise<StoredUser> {
    const claims = await this.#claims(request);
    if (!claims) throw unauthorized("No valid token was sent");
    const { sub } = claims;
    const stored = typeof sub === "string"
      ? await this.#parts.users.byId(sub)
      : undefined;
    if (!stored) throw unauthorized("The user of this token does not exist");
    return stored;
  }
}

const SCHEME = "Bearer ";

function refuse(fault: string | undefined): void {
  if (fault !== undefined) throw new RefusedRequest(400, fault);
}

function taken(): RefusedRequest {
  return new RefusedRequest(409, "The email address is registered already");
}

function unauthorized(message: string): RefusedRequest {
  return new RefusedRequest(401, message, { "www-authenticate": "Bearer" });
}

/** A user as others see it, with the metadata among its fields. */
export function flattened({ id, email, name, createdAt, metadata }: User) {
  return { id, email, name, createdAt, ...metadata };
}

/** Answers hold tokens and names: no cache may keep them. */
export function answer(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json(body, {
    status,
    headers: { "cache-control": "no-store", ...headers },
  });
}
