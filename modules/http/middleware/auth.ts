/**
 * Lets a request pass only with a token that some part of the application
 * knows. What the caller may then do is up to the handler, which finds what the
 * token says in `context.claims`.
 *
 * @module
 */
import { z } from "zod";
import {
  defineModule,
  type Host,
  type Lifecycle,
  secret,
} from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";
import { Authenticator } from "@engine/services/authenticator.ts";
import type { Claims, HttpContext } from "@engine/services/http_handler.ts";
import { HttpMiddleware, type Next } from "@engine/services/http_middleware.ts";
import { equalTo } from "../../_constant_time.ts";
import { type Hs256, loadHs256, TOKEN_CHARACTERS_MAX } from "../../_hs256.ts";
import { textAnswer } from "../../_text_answer.ts";

const config = z.strictObject({
  authType: z.string()
    .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "Expected one word, such as Bearer")
    .default("Bearer")
    .describe("The word before the token in the Authorization header"),
  secretKey: secret()
    .optional()
    .describe(
      "A token that is always accepted, and the key of accepted JSON Web Tokens (HS256) of other services; the tokens of the auth.jwt modules of this document need no key",
    ),
});

export default defineModule({
  type: "http.middleware.auth",
  summary: "Lets a request pass only with a valid token",
  stability: "stable",
  config,
  provides: [HttpMiddleware],
  examples: [{
    title: "A route that needs a token",
    modules: [
      { name: "server", type: "http.server", config: { address: ":0" } },
      { name: "router", type: "http.router" },
      {
        name: "auth",
        type: "http.middleware.auth",
        config: { secretKey: "a token that only two services know" },
      },
      { name: "orders", type: "http.handler" },
    ],
    workflows: {
      http: {
        routes: [{
          method: "GET",
          path: "/orders",
          handler: "orders",
          middlewares: ["auth"],
        }],
      },
    },
    exchanges: [{
      request: { method: "GET", path: "/orders" },
      response: { status: 401, headers: { "WWW-Authenticate": "Bearer" } },
    }, {
      request: {
        method: "GET",
        path: "/orders",
        headers: {
          Authorization: "Bearer a token that only two services know",
        },
      },
      response: { status: 200, body: { handler: "orders" } },
    }],
  }],
  create: (config, host) => new Authentication(config, host),
});

/** Somebody who holds the secret key itself; nothing more is known of them. */
const KEY_HOLDER: Claims = Object.freeze({});

/** Another module that knows tokens. */
interface Provider {
  readonly name: string;
  readonly service: Authenticator;
}

class Authentication implements HttpMiddleware, Lifecycle {
  readonly #host: Host;
  readonly #scheme: string;
  readonly #secretKey: string | undefined;
  readonly #isSecretKey: (token: string) => boolean;
  #signed: Hs256 | undefined;
  #providers: readonly Provider[] = [];

  constructor({ authType, secretKey }: z.output<typeof config>, host: Host) {
    this.#host = host;
    this.#scheme = authType;
    this.#secretKey = secretKey;
    this.#isSecretKey = secretKey === undefined
      ? () => false
      : equalTo(secretKey);
  }

  async start(): Promise<void> {
    const { clock } = this.#host.effects;
    const secret = this.#secretKey;
    if (secret !== undefined) this.#signed = await loadHs256({ secret, clock });
  }

  wire(): () => void {
    this.#providers = this.#host.all(Authenticator);
    return () => this.#providers = [];
  }

  async process(context: HttpContext, next: Next): Promise<Response> {
    const scheme = this.#scheme;
    const header = context.request.headers.get("authorization");
    if (header === null) {
      return refusal("No Authorization header was sent", scheme);
    }
    if (!header.startsWith(`${scheme} `)) {
      return refusal(
        `The Authorization header must begin with "${scheme} "`,
        scheme,
      );
    }
    const claims = await this.#authenticate(header.slice(scheme.length + 1));
    if (claims === undefined) {
      const challenge = scheme === "Bearer"
        ? 'Bearer error="invalid_token"'
        : scheme;
      return refusal("The token is not valid", challenge);
    }
    context.claims = claims;
    return await next();
  }

  async #authenticate(token: string): Promise<Claims | undefined> {
    if (token.length > TOKEN_CHARACTERS_MAX) return undefined;
    if (this.#isSecretKey(token)) return KEY_HOLDER;
    for (const { name, service } of this.#providers) {
      try {
        const claims = await service.authenticate(token);
        if (claims !== undefined) return claims;
      } catch (error) {
        // One that fails must not lock out those whom another one knows.
        this.#host.log.warn(`Cannot ask ${name}: ${messageOf(error)}`);
      }
    }
    const claims = await this.#signed?.verify(token);
    // A session may have ended, which only those who keep sessions can tell.
    const isUndecided = claims?.sid !== undefined && this.#providers.length > 0;
    return isUndecided ? undefined : claims;
  }
}

function refusal(message: string, challenge: string): Response {
  return textAnswer(401, message, { "www-authenticate": challenge });
}
