/**
 * A provider of OAuth 2 in the simulated network of a test: codes, tokens and users,
 * without discovery and ID tokens. It is as strict as the standard lets it be, and
 * keeps what it was sent.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { SimulatedEffects } from "@engine/simulation/effects.ts";

/** A secret with characters that a header has to encode. */
const CLIENT_SECRET = "a client's secret: 50% + é";

/** The application, as the provider knows it. */
const CLIENT_ID = "shop";

const PORT = 9_000;

/** What a test may decide about the provider. */
export interface ProviderOptions {
  /** How the application has to send its secret. @default {"basic"} */
  readonly clientAuth?: "basic" | "post";
  /** Where it may send browsers back to. @default {[REDIRECT_URL]} */
  readonly redirectURLs?: readonly string[];
  /** What it answers who asks for a user. @default the user 7 */
  readonly userInfo?: () => Response;
}

/** Where browsers come back to, unless a test says otherwise. */
export const REDIRECT_URL = "https://shop.example.com/auth/callback/code";

/** What the document of a test says of the provider. */
export const PROVIDER = {
  authURL: `http://127.0.0.1:${PORT}/authorize`,
  tokenURL: `http://127.0.0.1:${PORT}/token`,
  userInfoURL: `http://127.0.0.1:${PORT}/user`,
  clientID: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  redirectURL: REDIRECT_URL,
  allowHTTP: true,
  allowPrivateIPs: true,
} as const;

/** The config of a module with this provider. */
export function withProvider(changes: Readonly<Record<string, unknown>> = {}) {
  return { oauth2: { providers: { code: { ...PROVIDER, ...changes } } } };
}

/** A sign-in that has come as far as its code. */
interface Begun {
  readonly redirectURL: string;
  readonly challenge: string;
}

/** See the module comment. */
export class Oauth2Provider {
  /** The method and the path of each request, in order. */
  readonly asked: string[] = [];
  /** The last query of a browser. */
  query = new URLSearchParams();
  /** The last form at the token endpoint, and the header beside it. */
  form = new URLSearchParams();
  authorization: string | null = null;
  readonly #options: Required<ProviderOptions>;
  readonly #begun = new Map<string, Begun>();

  constructor(effects: SimulatedEffects, options: ProviderOptions = {}) {
    this.#options = {
      clientAuth: "basic",
      redirectURLs: [REDIRECT_URL],
      userInfo: () => Response.json({ id: 7, login: "ada" }),
      ...options,
    };
    effects.network.listen(
      { hostname: "127.0.0.1", port: PORT },
      (request) => this.#answer(request),
    );
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const asked = `${request.method} ${pathname}`;
    this.asked.push(asked);
    switch (asked) {
      case "GET /authorize":
      case "GET /other/authorize":
        return this.#authorize(searchParams);
      case "POST /token":
      case "POST /other/token":
        return this.#token(request, new URLSearchParams(await request.text()));
      case "GET /user":
        return isBearer(request) ? this.#options.userInfo() : refusal(401);
      case "GET /other/user":
        return isBearer(request) ? Response.json({ id: 8 }) : refusal(401);
      default:
        return new Response("There is nothing here", { status: 404 });
    }
  }

  /** Asks nobody: the user is signed in there, and agrees. */
  #authorize(query: URLSearchParams): Response {
    this.query = query;
    const redirectURL = query.get("redirect_uri") ?? "";
    const isRight = query.get("client_id") === CLIENT_ID &&
      query.get("response_type") === "code" &&
      query.get("code_challenge_method") === "S256" &&
      this.#options.redirectURLs.includes(redirectURL);
    if (!isRight) return refusal(400);
    const code = `code ${this.#begun.size + 1}`;
    const challenge = query.get("code_challenge") ?? "";
    this.#begun.set(code, { redirectURL, challenge });
    const location = new URL(redirectURL);
    location.searchParams.set("code", code);
    location.searchParams.set("state", query.get("state") ?? "");
    return new Response(null, {
      status: 302,
      headers: { location: location.href },
    });
  }

  #token({ headers }: Request, form: URLSearchParams): Response {
    this.form = form;
    this.authorization = headers.get("authorization");
    if (!this.#isClient()) return refusal(401, "invalid_client");
    const code = form.get("code") ?? "";
    const begun = this.#begun.get(code);
    this.#begun.delete(code);
    const challenge = createHash("sha256")
      .update(form.get("code_verifier") ?? "").digest("base64url");
    const isRight = form.get("grant_type") === "authorization_code" &&
      form.get("redirect_uri") === begun?.redirectURL &&
      challenge === begun?.challenge;
    return isRight
      ? Response.json({ access_token: TOKEN, token_type: "bearer" })
      : refusal(400, "invalid_grant");
  }

  /** Whether the secret comes in the way that is agreed on, and in no other. */
  #isClient(): boolean {
    const { form, authorization } = this;
    return this.#options.clientAuth === "basic"
      ? authorization === BASIC && !form.has("client_secret")
      : authorization === null && form.get("client_id") === CLIENT_ID &&
        form.get("client_secret") === CLIENT_SECRET;
  }
}

const TOKEN = "a token of the provider";

/** Both parts are encoded as in a form (RFC 6749, 2.3.1). */
const BASIC = `Basic ${btoa(`${CLIENT_ID}:${formEncoded(CLIENT_SECRET)}`)}`;

function formEncoded(text: string): string {
  return new URLSearchParams({ text }).toString().slice("text=".length);
}

function isBearer({ headers }: Request): boolean {
  return headers.get("authorization") === `Bearer ${TOKEN}`;
}

function refusal(status: number, error = "invalid_request"): Response {
  return Response.json({ error }, { status });
}
