/**
 * The endpoints of `auth.modular`, each of which answers one kind of request.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import type { HttpContext } from "@engine/services/http_handler.ts";
import { type Accounts, answer, flattened } from "./_accounts.ts";
import type { Caller, Callers } from "./_callers.ts";
import { cookieOf } from "./_cookies.ts";
import type { Identities } from "./_identities.ts";
import { identityOf } from "./_identity.ts";
import type { IdentityProvider } from "./_identity_provider.ts";
import type { Settings } from "./_modular_config.ts";
import { ProviderFailure } from "./_provider_failure.ts";
import { RefusedRequest } from "./_refused_request.ts";
import { readOptionalFields, textField } from "./_request_body.ts";
import { returnPath } from "./_return_path.ts";
import type { Sessions } from "./_sessions.ts";
import type { TicketSeal } from "./_sign_in_ticket.ts";
import type { User, Users } from "./_users.ts";

/** What the endpoints work with. */
export interface SignInParts {
  readonly host: Host;
  readonly settings: Settings;
  readonly accounts: Accounts;
  readonly users: Users;
  readonly identities: Identities;
  readonly callers: Callers;
  readonly tokens: Sessions;
  readonly seal: TicketSeal;
  readonly providers: ReadonlyMap<string, IdentityProvider>;
}

const CHANCE_BYTES = 32;

/** See the module comment. Every method may throw `RefusedRequest`. */
export class SignInRoutes {
  readonly #parts: SignInParts;

  constructor(parts: SignInParts) {
    this.#parts = parts;
  }

  async register(context: HttpContext): Promise<Response> {
    const { settings, accounts, callers } = this.#parts;
    if (!settings.allowRegistration) {
      throw new RefusedRequest(403, "Nobody may register here");
    }
    callers.requireSameOrigin(context.request);
    return await this.#signedIn(context, 201, await accounts.newUser(context));
  }

  async login(context: HttpContext): Promise<Response> {
    const { accounts, callers } = this.#parts;
    callers.requireSameOrigin(context.request);
    return await this.#signedIn(
      context,
      200,
      await accounts.knownUser(context),
    );
  }

  /** The ways to sign in. */
  ways(): Response {
    const providers = [...this.#parts.providers.keys()];
    return answer(200, { password: true, providers });
  }

  /** Sends a browser to a provider. */
  async leave(context: HttpContext, name: string): Promise<Response> {
    const { callers, seal } = this.#parts;
    const provider = this.#provider(name);
    const returnTo = returnPath(context.query.get("returnTo") ?? "/");
    if (returnTo === undefined) {
      throw new RefusedRequest(400, "returnTo must be a path of this host");
    }
    const ticket = {
      provider: name,
      state: this.#chance(),
      nonce: this.#chance(),
      verifier: this.#chance(),
      returnTo,
    };
    const location = await this.#asked(
      name,
      () => provider.authorizationUrl(ticket),
    );
    const cookie = callers.setTicket(context.request, await seal.seal(ticket));
    return redirect(302, location, [cookie]);
  }

  /** Takes a browser that comes back from a provider. */
  async comeBack(context: HttpContext, name: string): Promise<Response> {
    const { callers, seal, identities, settings } = this.#parts;
    const { request, query } = context;
    const provider = this.#provider(name);
    const ticket = await seal.open(cookieOf(request, callers.ticketCookie));
    if (ticket?.provider !== name || ticket.state !== query.get("state")) {
      throw new RefusedRequest(
        400,
        "The sign-in was not begun in this browser, or it took too long",
      );
    }
    const claims = await this.#asked(
      name,
      () => provider.claims(`?${query}`, ticket),
    );
    const about = settings.providers.get(name);
    const identity = about && identityOf(name, claims, about);
    if (identity === undefined) {
      throw new RefusedRequest(502, "The provider does not say who it is");
    }
    const user = await identities.keep(identity);
    const { setCookie } = await callers.begin(request, user);
    // The code is used up, so the ticket is of no use to anybody.
    return redirect(303, ticket.returnTo, [
      setCookie,
      callers.setTicket(request, ""),
    ]);
  }

  /** Ends the session of the cookie; else that of a token, as `auth.jwt` does. */
  async logout(context: HttpContext): Promise<Response> {
    const { callers, accounts } = this.#parts;
    const caller = await callers.find(context);
    if (caller?.session === undefined) return await accounts.logout(context);
    const setCookie = await callers.end(context.request, caller.session);
    return new Response(null, {
      status: 204,
      headers: { "cache-control": "no-store", "set-cookie": setCookie },
    });
  }

  async me(context: HttpContext): Promise<Response> {
    const caller = await this.#parts.callers.find(context);
    if (caller === undefined) throw unauthorized("Nobody is signed in");
    return answer(200, { user: userOf(caller), ...csrfOf(caller) });
  }

  /**
   * New tokens for who has a refresh token, or a session.
   */
  async refresh(context: HttpContext): Promise<Response> {
    const { callers, tokens } = this.#parts;
    const fields = await readOptionalFields(context.request);
    const find = (id: string) => this.#user(id);
    if (fields.refreshToken !== undefined) {
      const renewed = await tokens.renew(
        textField(fields, "refreshToken"),
        find,
      );
      if (!renewed) throw unauthorized("The refresh token is not valid");
      return answer(200, { ...renewed.issued, user: flattened(renewed.user) });
    }
    const session = (await callers.find(context))?.session;
    const user = session && await find(session.userId);
    if (user === undefined) {
      throw unauthorized("There is no refresh token and no session");
    }
    const issued = await tokens.begin(user, session?.id);
    return answer(200, { ...issued, user: flattened(user) });
  }

  async #signedIn(
    { request }: HttpContext,
    status: number,
    user: User,
  ): Promise<Response> {
    const { callers, tokens } = this.#parts;
    const { session, setCookie } = await callers.begin(request, user);
    const issued = await tokens.begin(user, session.id);
    const { csrfToken } = session;
    return answer(
      status,
      { ...issued, csrfToken, user: flattened(user) },
      { "set-cookie": setCookie },
    );
  }

  /** Tells the caller what can be told, and the log the rest. */
  async #asked<T>(name: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error;
      const { log } = this.#parts.host;
      const message = `Cannot sign in with "${name}": ${error.message}`;
      switch (error.kind) {
        case "away":
          throw new RefusedRequest(
            503,
            `The provider "${name}" cannot be reached now`,
            { "retry-after": "5" },
          );
        case "refused":
          throw new RefusedRequest(
            403,
            `The sign-in is refused: ${error.message}`,
          );
        case "untrusted":
          log.warn(message);
          throw new RefusedRequest(401, "The provider's answer is not valid");
        case "misconfigured":
          log.error(message);
          throw new RefusedRequest(
            502,
            `The provider "${name}" cannot be used`,
          );
      }
    }
  }

  #provider(name: string): IdentityProvider {
    const provider = this.#parts.providers.get(name);
    if (provider !== undefined) return provider;
    throw new RefusedRequest(404, "There is no such provider");
  }

  async #user(id: string): Promise<User | undefined> {
    const { users, identities } = this.#parts;
    return (await users.byId(id))?.user ?? await identities.byId(id);
  }

  #chance(): string {
    return this.#parts.host.effects.random.bytes(CHANCE_BYTES)
      .toBase64({ alphabet: "base64url", omitPadding: true });
  }
}

/** What a token says of itself is nobody's business but its bearer's. */
function userOf({ claims }: Caller) {
  const { sub, email, name, role, groups } = claims;
  return { id: sub, email, name, role, groups };
}

function csrfOf({ session }: Caller) {
  return session === undefined ? {} : {
    csrfToken: session.csrfToken,
    expiresAt: new Date(session.untilMs).toISOString(),
  };
}

function redirect(
  status: 302 | 303,
  location: string,
  cookies: readonly string[],
): Response {
  const headers = new Headers({
    location,
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
  });
  for (const cookie of cookies) headers.append("set-cookie", cookie);
  return new Response(null, { status, headers });
}

function unauthorized(message: string): RefusedRequest {
  return new RefusedRequest(401, message, { "www-authenticate": "Bearer" });
}
