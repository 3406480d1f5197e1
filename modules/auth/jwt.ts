/**
 * Users who register and sign in, and the JSON Web Tokens that they get.
 *
 * @module
 */
import { resolve } from "node:path";
import { z } from "zod";
import {
  defineModule,
  duration,
  durationMs,
  type Host,
  type Lifecycle,
  path,
  secret,
} from "@engine/define.ts";
import { Authenticator } from "@engine/services/authenticator.ts";
import {
  type Claims,
  type HttpContext,
  HttpHandler,
} from "@engine/services/http_handler.ts";
import { type Hs256, loadHs256 } from "../_hs256.ts";
import { limiterOf } from "../_limiter.ts";
import { notPositive } from "../_positive_duration.ts";
import {
  Accounts,
  answer,
  SIGN_INS_AT_ONCE,
  SIGN_INS_PER_MINUTE,
} from "./_accounts.ts";
import { BusyError } from "./_gate.ts";
import { Passwords } from "./_passwords.ts";
import { newPasswordFault } from "./_credentials.ts";
import { RefusedRequest } from "./_refused_request.ts";
import { plantSeeds, readSeeds } from "./_seed_users.ts";
import { unfitSecret } from "./_signing_secret.ts";
import { Sessions } from "./_sessions.ts";
import { Users } from "./_users.ts";

const config = z.strictObject({
  secret: secret().describe(
    "The key that signs the tokens (HS256): at least 32 bytes of chance, the same in every service that accepts them",
  ),
  tokenExpiry: duration().default("24h").describe(
    "How long an access token is valid",
  ),
  refreshTokenExpiry: duration().default("168h").describe(
    "How long a refresh token is valid; each exchange begins anew",
  ),
  issuer: z.string().min(1).default("workflow").describe(
    "The issuer that tokens name, and the only one that is accepted",
  ),
  passwordMinLength: z.int().min(1).max(256)
    .default(8)
    .meta({ unit: "count" })
    .describe("How many characters a password needs at registration"),
  seedFile: path().optional().describe(
    'A JSON file of users that exist from the start: [{"id", "data": {"email", "password" or "passwordHash", "name", …}}]; other fields of data, such as role, come with the user',
  ),
});

/** A value that stands in an example only. */
const EXAMPLE_SECRET = "an-example-secret-that-nobody-must-use";

export default defineModule({
  type: "auth.jwt",
  summary: "Registers users, signs them in and verifies their tokens",
  stability: "stable",
  config,
  provides: [HttpHandler, Authenticator],
  check: ({ secret, tokenExpiry, refreshTokenExpiry }) => [
    ...unfitSecret(secret, ["secret"]),
    ...notPositive({ tokenExpiry, refreshTokenExpiry }),
  ],
  examples: [{
    title: "Register, and what needs a token",
    modules: [
      { name: "server", type: "http.server", config: { address: ":0" } },
      { name: "router", type: "http.router" },
      { name: "auth", type: "auth.jwt", config: { secret: EXAMPLE_SECRET } },
      { name: "require-token", type: "http.middleware.auth" },
      { name: "orders", type: "http.handler" },
    ],
    workflows: {
      http: {
        routes: [
          { method: "POST", path: "/api/auth/{action}", handler: "auth" },
          { method: "GET", path: "/api/auth/profile", handler: "auth" },
          {
            method: "GET",
            path: "/api/orders",
            handler: "orders",
            middlewares: ["require-token"],
          },
        ],
      },
    },
    exchanges: [{
      request: {
        method: "POST",
        path: "/api/auth/register",
        body: {
          email: "Ada@Example.org",
          name: "Ada",
          password: "correct horse",
        },
      },
      response: {
        status: 201,
        body: { expiresIn: 86_400, user: { email: "ada@example.org" } },
      },
    }, {
      request: {
        method: "POST",
        path: "/api/auth/login",
        body: { email: "ada@example.org", password: "a guess" },
      },
      response: { status: 401 },
    }, {
      request: { method: "GET", path: "/api/auth/profile" },
      response: { status: 401, body: { error: "No valid token was sent" } },
    }, {
      request: { method: "GET", path: "/api/orders" },
      response: { status: 401 },
    }],
  }],
  create: (config, host) => new JwtAuthentication(config, host),
});

/** What exists from the start on. */
interface Started {
  readonly sessions: Sessions;
  readonly accounts: Accounts;
}

class JwtAuthentication implements HttpHandler, Authenticator, Lifecycle {
  readonly #config: z.output<typeof config>;
  readonly #host: Host;
  #started: Started | undefined;
  #planted: Promise<void> = Promise.resolve();

  constructor(given: z.output<typeof config>, host: Host) {
    this.#config = given;
    this.#host = host;
  }

  async start(): Promise<void> {
    const { effects, folder, name, store } = this.#host;
    const { secret, issuer, seedFile, ...rest } = this.#config;
    const hs256 = await loadHs256({
      secret,
      clock: effects.clock,
      issuer,
      requiredClaims: ["exp", "sub"],
    });
    const root = ["auth", name];
    const users = new Users(store, root);
    const passwords = new Passwords(effects.random);
    if (seedFile !== undefined) {
      const seeds = await readSeeds(resolve(folder ?? "", seedFile));
      // Hashing runs beside the start of the other modules; `open` waits for it.
      this.#planted = plantSeeds(seeds, users, passwords, effects.clock.now());
      this.#planted.catch(() => {});
    }
    const sessions = this.#sessions(hs256, root);
    const accounts = new Accounts({
      users,
      passwords,
      sessions,
      effects,
      attempts: limiterOf(this.#host, {
        perMinute: SIGN_INS_PER_MINUTE,
        capacity: SIGN_INS_AT_ONCE,
      }),
      newPasswordFault: (password) =>
        newPasswordFault(password, rest.passwordMinLength),
    });
    this.#started = { sessions, accounts };
  }

  async open(): Promise<void> {
    await this.#planted;
  }

  stop(): void {
    this.#started = undefined;
  }

  async authenticate(token: string): Promise<Claims | undefined> {
    return await this.#started?.sessions.authenticate(token);
  }

  async handle(context: HttpContext): Promise<Response> {
    try {
      return await this.#answer(context);
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

  /** Endpoints are told by the end of the path, wherever they are mounted. */
  async #answer(context: HttpContext): Promise<Response> {
    const accounts = this.#started?.accounts;
    if (!accounts) throw new RefusedRequest(503, "The module has not started");
    const end = /\/auth\/([a-z]+)$/.exec(context.path)?.[1] ?? "";
    switch (`${context.method} ${end}`) {
      case "POST register":
        return await accounts.register(context);
      case "POST login":
        return await accounts.login(context);
      case "POST refresh":
        return await accounts.refresh(context);
      case "POST logout":
        return await accounts.logout(context);
      case "GET profile":
      case "HEAD profile":
        return await accounts.profile(context);
      case "PUT profile":
        return await accounts.changeProfile(context);
      default:
        throw new RefusedRequest(404, "There is nothing here");
    }
  }

  #sessions(hs256: Hs256, root: readonly string[]): Sessions {
    const { issuer, tokenExpiry, refreshTokenExpiry } = this.#config;
    return new Sessions(this.#host, hs256, {
      issuer,
      tokenMs: durationMs(tokenExpiry),
      refreshMs: durationMs(refreshTokenExpiry),
      root,
    });
  }
}
