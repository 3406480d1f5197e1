/**
 * One provider: finds out where its endpoints are, sends browsers there, and checks
 * what they come back with. The application runs while it is away.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { guardedFetch } from "@engine/outgoing/guarded_fetch.ts";
import type { Claims } from "@engine/services/http_handler.ts";
import type { Configuration, CustomFetch } from "openid-client";
import type { ProviderSettings } from "./_modular_config.ts";
import { ProviderFailure, providerFailure } from "./_provider_failure.ts";
import type { Ticket } from "./_sign_in_ticket.ts";

/** How long any answer of a provider may take, in milliseconds. */
export const ANSWER_MS_MAX = 5_000;

/** How often a provider is asked how it is, in milliseconds. */
export const CHECK_MS = 60_000;

/** The wait before it is asked again after a failure, in milliseconds; it doubles. */
export const RETRY_MS_MIN = 500;

const ANSWER_BYTES_MAX = 1024 * 1024;

const OPENID_SCOPES = ["openid", "profile", "email"];

/** See the module comment. */
export class IdentityProvider {
  readonly name: string;
  readonly #settings: ProviderSettings;
  readonly #host: Host;
  #configuration: Configuration | undefined;
  #failure: string | undefined;
  #finding: Promise<Configuration> | undefined;
  #failures = 0;
  #cancel: () => void = () => {};
  #hasEnded = false;

  constructor(name: string, settings: ProviderSettings, host: Host) {
    this.name = name;
    this.#settings = settings;
    this.#host = host;
    this.#failure = "it has not answered yet";
  }

  /** Begins to watch it, without waiting for it. */
  begin(): void {
    this.#find().catch(() => {});
  }

  end(): void {
    this.#hasEnded = true;
    this.#cancel();
  }

  /** Why it cannot be used now; `undefined` if it can. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Where to send a browser. @throws {ProviderFailure} */
  async authorizationUrl(
    { state, nonce, verifier }: Pick<Ticket, "state" | "nonce" | "verifier">,
  ): Promise<string> {
    const client = await import("openid-client");
    const { issuer, redirectURL, scopes } = this.#settings;
    const wanted = scopes ?? (issuer === undefined ? [] : OPENID_SCOPES);
    const configuration = await this.#configured();
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectURL,
      state,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      ...(wanted.length === 0 ? {} : { scope: wanted.join(" ") }),
      ...(issuer === undefined ? {} : { nonce }),
    });
    return url.href;
  }

  /**
   * Exchanges what a browser came back with for what the provider says about its
   * user.
   *
   * @param search The query of the callback.
   * @throws {ProviderFailure}
   */
  async claims(search: string, ticket: Ticket): Promise<Claims> {
    try {
      const claims = await this.#exchange(search, ticket);
      this.#failure = undefined;
      return claims;
    } catch (error) {
      const failure = providerFailure(error);
      if (failure.kind === "away") this.#failed(failure.message);
      throw failure;
    }
  }

  async #exchange(search: string, ticket: Ticket): Promise<Claims> {
    const client = await import("openid-client");
    const configuration = await this.#configured();
    const { issuer, redirectURL } = this.#settings;
    const returned = new URL(redirectURL);
    returned.search = search;
    const tokens = await client.authorizationCodeGrant(
      configuration,
      returned,
      {
        pkceCodeVerifier: ticket.verifier,
        expectedState: ticket.state,
        ...(issuer === undefined
          ? {}
          : { expectedNonce: ticket.nonce, idTokenExpected: true }),
      },
    );
    const claims = tokens.claims();
    if (issuer === undefined) {
      return await this.#userInfo(configuration, tokens.access_token);
    }
    if (claims === undefined) {
      throw new ProviderFailure("untrusted", "It has sent no ID token");
    }
    if (configuration.serverMetadata().userinfo_endpoint === undefined) {
      return claims;
    }
    // What is signed counts.
    return {
      ...await this.#more(configuration, tokens.access_token, claims.sub),
      ...claims,
    };
  }

  /** Some providers have groups and email addresses only here. */
  async #more(
    configuration: Configuration,
    accessToken: string,
    subject: string,
  ): Promise<Claims> {
    const client = await import("openid-client");
    try {
      return await client.fetchUserInfo(configuration, accessToken, subject);
    } catch (error) {
      const failure = providerFailure(error);
      if (failure.kind === "away") throw failure;
      this.#host.log.warn(
        `Cannot ask the provider "${this.name}" for more about a user: ${failure.message}`,
      );
      return {};
    }
  }

  async #userInfo(
    configuration: Configuration,
    accessToken: string,
  ): Promise<Claims> {
    const client = await import("openid-client");
    const { userInfoURL = "" } = this.#settings;
    const response = await client.fetchProtectedResource(
      configuration,
      accessToken,
      new URL(userInfoURL),
      "GET",
      undefined,
      new Headers({ accept: "application/json" }),
    );
    // An error may look like a user: many have an id.
    if (response.status !== 200) {
      throw new ProviderFailure(
        response.status >= 500 ? "away" : "untrusted",
        `Its user info answers ${response.status}`,
      );
    }
    const claims: unknown = await response.json().catch(() => undefined);
    if (
      typeof claims !== "object" || claims === null || Array.isArray(claims)
    ) {
      throw new ProviderFailure("untrusted", "Its user info is no JSON object");
    }
    return claims as Claims;
  }

  /** @throws {ProviderFailure} */
  #configured(): Promise<Configuration> {
    return this.#configuration === undefined
      ? this.#find()
      : Promise.resolve(this.#configuration);
  }

  /** Asks once at a time. */
  #find(): Promise<Configuration> {
    this.#cancel();
    return this.#finding ??= this.#ask().finally(() => {
      this.#finding = undefined;
    });
  }

  async #ask(): Promise<Configuration> {
    try {
      const configuration = this.#settings.issuer === undefined
        ? await this.#stated()
        : await this.#discovered(this.#settings.issuer);
      this.#configuration = configuration;
      this.#failure = undefined;
      this.#failures = 0;
      // What a document states does not change.
      if (this.#settings.issuer !== undefined) this.#again(CHECK_MS);
      return configuration;
    } catch (error) {
      const failure = providerFailure(error);
      this.#failed(failure.message);
      throw failure;
    }
  }

  #failed(reason: string): void {
    if (this.#hasEnded) return;
    if (this.#failure !== reason) {
      this.#host.log.warn(`Cannot use the provider "${this.name}": ${reason}`);
    }
    this.#failure = reason;
    const waitMs = RETRY_MS_MIN * 2 ** Math.min(this.#failures++, 10);
    this.#again(Math.min(CHECK_MS, waitMs));
  }

  #again(waitMs: number): void {
    this.#cancel();
    if (this.#hasEnded) return;
    this.#cancel = this.#host.effects.clock.after(
      waitMs,
      () => this.begin(),
    );
  }

  async #discovered(issuer: string): Promise<Configuration> {
    const client = await import("openid-client");
    const { clientID, allowHTTP } = this.#settings;
    return await client.discovery(
      new URL(issuer),
      clientID,
      undefined,
      await this.#authentication(),
      {
        [client.customFetch]: this.#fetch(),
        timeout: ANSWER_MS_MAX / 1_000,
        execute: [
          // The signature of an ID token counts, whichever way it came.
          client.enableNonRepudiationChecks,
          ...(allowHTTP ? [client.allowInsecureRequests] : []),
        ],
      },
    );
  }

  async #stated(): Promise<Configuration> {
    const client = await import("openid-client");
    const { clientID, allowHTTP, authURL = "", tokenURL = "" } = this.#settings;
    const configuration = new client.Configuration(
      {
        issuer: new URL(authURL).origin,
        authorization_endpoint: authURL,
        token_endpoint: tokenURL,
      },
      clientID,
      undefined,
      await this.#authentication(),
    );
    configuration[client.customFetch] = this.#fetch();
    configuration.timeout = ANSWER_MS_MAX / 1_000;
    if (allowHTTP) client.allowInsecureRequests(configuration);
    return configuration;
  }

  async #authentication() {
    const client = await import("openid-client");
    const { clientSecret, clientAuth } = this.#settings;
    if (clientSecret === undefined) return client.None();
    return clientAuth === "basic"
      ? client.ClientSecretBasic(clientSecret)
      : client.ClientSecretPost(clientSecret);
  }

  /** Kept to public addresses, unless the document allows others. */
  #fetch(): CustomFetch {
    const { effects, signal } = this.#host;
    const { allowPrivateIPs, redirectURL } = this.#settings;
    return async (url, { method, headers, body }) => {
      const content = body instanceof URLSearchParams
        ? asWhenLeaving(body, redirectURL)
        : body;
      const answer = await guardedFetch(effects, {
        url,
        method,
        headers,
        ...(content === undefined || content === null
          ? {}
          : { body: String(content) }),
      }, {
        signal,
        allowPrivateIPs,
        timeoutMs: ANSWER_MS_MAX,
        answerBytesMax: ANSWER_BYTES_MAX,
        redirectsMax: 0,
      });
      const isEmpty = [204, 205, 304].includes(answer.status);
      return new Response(isEmpty ? null : answer.body, {
        status: answer.status,
        headers: answer.headers,
      });
    };
  }
}

/**
 * A form of the client library, whose redirect_uri is letter for letter the one that
 * the browser left with (RFC 6749, 4.1.3): the library takes its query away.
 */
function asWhenLeaving(
  form: URLSearchParams,
  redirectURL: string,
): URLSearchParams {
  const sent = new URLSearchParams(form);
  if (sent.has("redirect_uri")) sent.set("redirect_uri", redirectURL);
  return sent;
}
