/**
 * Signs users in, with a password or with an account that they have elsewhere.
 * Browsers get a session in a cookie, programs get tokens. Before a route, the
 * module lets a request pass with either.
 *
 * @module
 */
import { z } from "zod";
import {
  defineModule,
  type Host,
  type JsonValue,
  type Lifecycle,
} from "@engine/define.ts";
import { Actions } from "@engine/services/actions.ts";
import { Authenticator } from "@engine/services/authenticator.ts";
import {
  type Health,
  HealthReporter,
} from "@engine/services/health_reporter.ts";
import {
  type Claims,
  type HttpContext,
  HttpHandler,
} from "@engine/services/http_handler.ts";
import { HttpMiddleware, type Next } from "@engine/services/http_middleware.ts";
import { loadHs256 } from "../_hs256.ts";
import { limiterOf } from "../_limiter.ts";
import {
  Accounts,
  answer,
  SIGN_INS_AT_ONCE,
  SIGN_INS_PER_MINUTE,
} from "./_accounts.ts";
import { BrowserSessions } from "./_browser_sessions.ts";
import { Callers } from "./_callers.ts";
import { BusyError } from "./_gate.ts";
import { Identities } from "./_identities.ts";
import { IdentityProvider } from "./_identity_provider.ts";
import {
  checkModular,
  modularConfig,
  type Settings,
  settingsOf,
} from "./_modular_config.ts";
import { modularExamples } from "./_modular_examples.ts";
import { ruleFault } from "./_password_rules.ts";
import { Passwords } from "./_passwords.ts";
import { RefusedRequest } from "./_refused_request.ts";
import { Sessions } from "./_sessions.ts";
import { SignInRoutes } from "./_sign_in_routes.ts";
import { TicketSeal } from "./_sign_in_ticket.ts";
import { Users } from "./_users.ts";

const verifyInput = z.strictObject({
  token: z.string().min(1).describe("An access token"),
});

const ARGON2 = "passwords are hashed with Argon2id";

export default defineModule({
  type: "auth.modular",
  summary: "Signs users in, with a password or with another service",
  stability: "beta",
  config: modularConfig,
  section: "auth",
  inert: {
    "jwt.algorithm": "tokens are signed with HS256",
    "session.store": "browser sessions are kept in the engine's store",
    "session.httpOnly": "no script may read the cookie",
    "session.http_only": "no script may read the cookie",
    "password.algorithm": ARGON2,
    "password.bcryptCost": ARGON2,
    "password.bcrypt_cost": ARGON2,
  },
  provides: [
    HttpHandler,
    HttpMiddleware,
    Authenticator,
    HealthReporter,
    Actions,
  ],
  actions: {
    verify: {
      summary: "Tells what an access token says, if it is valid",
      input: verifyInput,
      output: z.strictObject({
        valid: z.boolean().describe("Whether the token is valid"),
        claims: z.record(z.string(), z.unknown()).describe(
          "What it says; nothing if it is not valid",
        ),
      }),
    },
  },
  check: checkModular,
  examples: modularExamples,
  create: (config, host) => new ModularAuthentication(settingsOf(config), host),
});

/** What exists from the start on. */
interface Started {
  readonly tokens: Sessions;
  readonly callers: Callers;
  readonly routes: SignInRoutes;
}

class ModularAuthentication
  implements
    HttpHandler,
    HttpMiddleware,
    Authenticator,
    HealthReporter,
    Actions,
    Lifecycle {
  readonly healthName: string;
  readonly #settings: Settings;
  readonly #host: Host;
  readonly #providers: ReadonlyMap<string, IdentityProvider>;
  #started: Started | undefined;

  constructor(settings: Settings, host: Host) {
    this.#settings = settings;
    this.#host = host;
    this.healthName = `auth.${host.name}`;
    this.#providers = new Map(
      [...settings.providers].map(([name, one]) => [
        name,
        new IdentityProvider(name, one, host),
      ]),
    );
  }

  async start(): Promise<void> {
    this.#started = await startedWith(
      this.#settings,
      this.#host,
      this.#providers,
    );
    // Nobody waits for a provider that is away.
    for (const provider of this.#providers.values()) provider.begin();
  }

  stop(): void {
    for (const provider of this.#providers.values()) provider.end();
    this.#started = undefined;
  }

  health(): Promise<Health> {
    const failures = [...this.#providers.values()]
      .filter(({ failure }) => failure !== undefined)
      .map(({ name, failure }) => `The provider "${name}": ${failure}`);
    return Promise.resolve(
      failures.length === 0
        ? { status: "healthy" }
        : { status: "degraded", message: failures.join("; ") },
    );
  }

  async authenticate(token: string): Promise<Claims | undefined> {
    return await this.#started?.tokens.authenticate(token);
  }

  async act(
    _action: string,
    input: Parameters<Actions["act"]>[1],
  ): Promise<JsonValue> {
    const claims = await this.authenticate(verifyInput.parse(input).token);
    // They were JSON before they were signed.
    return { valid: claims !== undefined, claims: (claims ?? {}) as JsonValue };
  }

  process(context: HttpContext, next: Next): Promise<Response> {
    return this.#refusing(async ({ callers }) => {
      const caller = await callers.find(context);
      if (caller === undefined) {
        throw new RefusedRequest(401, "Nobody is signed in", {
          "www-authenticate": "Bearer",
        });
      }
      context.claims = caller.claims;
      return next;
    }).then((passed) => passed instanceof Response ? passed : passed());
  }

  async handle(context: HttpContext): Promise<Response> {
    return await this.#refusing(({ routes }) => answerOf(context, routes));
  }

  /** Makes an answer of a refusal. */
  async #refusing<T>(
    work: (started: Started) => Promise<T>,
  ): Promise<T | Response> {
    try {
      if (!this.#started) throw new RefusedRequest(503, "Not started yet");
      return await work(this.#started);
    } catch (error) {
      if (error instanceof RefusedRequest) {
        return answer(error.status, { error: error.message }, error.headers);
      }
      if (error instanceof BusyError) {
        const message = "Too many people sign in at this moment";
        return answer(429, { error: message }, { "retry-after": "1" });
      }
      throw error;
    }
  }
}

/** Endpoints are told by the end of the path, wherever they are mounted. */
async function answerOf(
  context: HttpContext,
  routes: SignInRoutes,
): Promise<Response> {
  const [, end = "", provider] =
    /\/auth\/([a-z]+)(?:\/([\w-]{1,50}))?$/.exec(context.path) ?? [];
  if (provider !== undefined && context.method === "GET") {
    if (end === "login") return await routes.leave(context, provider);
    if (end === "callback") return await routes.comeBack(context, provider);
  }
  switch (`${context.method} ${provider === undefined ? end : ""}`) {
    case "GET login":
      return routes.ways();
    case "POST login":
      return await routes.login(context);
    case "POST register":
      return await routes.register(context);
    case "POST logout":
      return await routes.logout(context);
    case "POST refresh":
      return await routes.refresh(context);
    case "GET me":
    case "HEAD me":
      return await routes.me(context);
    default:
      throw new RefusedRequest(404, "There is nothing here");
  }
}

async function startedWith(
  settings: Settings,
  host: Host,
  providers: ReadonlyMap<string, IdentityProvider>,
): Promise<Started> {
  const { effects, store, name } = host;
  const { secret, issuer, tokenMs, refreshMs } = settings.jwt;
  const { maxAgeMs, idleMs } = settings.session;
  const root = ["auth", name];
  const hs256 = await loadHs256({
    secret,
    clock: effects.clock,
    issuer,
    requiredClaims: ["exp", "sub"],
  });
  const users = new Users(store, root);
  const tokens = new Sessions(host, hs256, {
    issuer,
    tokenMs,
    refreshMs,
    root,
  });
  const callers = new Callers({
    tokens,
    browsers: new BrowserSessions(host, { maxAgeMs, idleMs, root }),
    cookie: settings.session,
    publicURL: settings.publicURL,
  });
  const accounts = new Accounts({
    users,
    passwords: new Passwords(effects.random),
    sessions: tokens,
    effects,
    attempts: limiterOf(host, {
      perMinute: SIGN_INS_PER_MINUTE,
      capacity: SIGN_INS_AT_ONCE,
    }),
    newPasswordFault: (password) => ruleFault(password, settings.password),
  });
  const routes = new SignInRoutes({
    host,
    settings,
    accounts,
    users,
    identities: new Identities(host, root),
    callers,
    tokens,
    seal: new TicketSeal(secret, effects.clock),
    providers,
  });
  return { tokens, callers, routes };
}
