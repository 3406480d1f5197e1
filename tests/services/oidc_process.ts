/**
 * A real OpenID provider in a process of its own, with three users, groups, and
 * faults that a test can ask for: the next ID token is then signed again with
 * something wrong in it.
 *
 *     deno run -A tests/services/oidc_process.ts PORT CLIENT_SECRET REDIRECT_URI
 *
 * @module
 */
import { createServer } from "node:http";
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from "jose";
import { Provider } from "oidc-provider";

const [port = "", secret = "", redirectUri = ""] = Deno.args;
const issuer = `http://127.0.0.1:${port}`;

const GROUPS: Readonly<Record<string, readonly string[]>> = {
  ada: ["staff", "shop-admins"],
  bob: ["staff"],
  eve: [],
};

const KEY_ID = crypto.randomUUID();
const { privateKey } = await generateKeyPair("RS256", { extractable: true });
const stranger = await generateKeyPair("RS256");

const client = {
  client_secret: secret,
  redirect_uris: [redirectUri, redirectUri.replace("company", "plain")],
  response_types: ["code"],
  grant_types: ["authorization_code"],
};

const provider = new Provider(issuer, {
  clients: [
    { ...client, client_id: "shop" },
    {
      ...client,
      client_id: "poster",
      token_endpoint_auth_method: "client_secret_post",
    },
  ],
  claims: {
    openid: ["sub"],
    email: ["email", "email_verified"],
    profile: ["name", "groups"],
  },
  findAccount: (_context: unknown, sub: string) => ({
    accountId: sub,
    claims: () => ({
      sub,
      name: sub.toUpperCase(),
      email: `${sub}@example.org`,
      email_verified: sub !== "eve",
      groups: GROUPS[sub] ?? [],
    }),
  }),
  cookies: { keys: ["a key of the test's provider"] },
  jwks: {
    keys: [{
      ...await exportJWK(privateKey),
      kid: KEY_ID,
      alg: "RS256",
      use: "sig",
    }],
  },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
});

let fault = "";

interface Context {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  body: unknown;
  type: string;
  status: number;
}

provider.use(async (context: Context, next: () => Promise<void>) => {
  if (context.path === "/test/fault") {
    fault = context.query.kind ?? "";
    context.body = "noted";
    return;
  }
  await next();
  if (context.path !== "/token" || fault === "") return;
  const kind = fault;
  fault = "";
  await spoil(context, kind);
});

/** What is wrong with the next answer. */
async function spoil(context: Context, kind: string): Promise<void> {
  if (kind === "broken") {
    context.status = 200;
    context.type = "text/html";
    context.body = "<html>not JSON";
    return;
  }
  if (kind === "down") {
    context.status = 502;
    context.type = "text/plain";
    context.body = "Bad gateway";
    return;
  }
  const body = context.body as { id_token: string };
  const nowS = Math.floor(Date.now() / 1_000);
  const wrong: Readonly<Record<string, Record<string, unknown>>> = {
    nonce: { nonce: "another" },
    issuer: { iss: "http://elsewhere.example.com" },
    audience: { aud: "another-client" },
    expired: { iat: nowS - 7_200, exp: nowS - 3_600 },
    signature: {},
  };
  const idToken = await new SignJWT({
    ...decodeJwt(body.id_token),
    ...wrong[kind],
  }).setProtectedHeader({ alg: "RS256", kid: KEY_ID })
    .sign(kind === "signature" ? stranger.privateKey : privateKey);
  context.body = { ...body, id_token: idToken };
}

createServer(provider.callback()).listen(Number(port), "127.0.0.1");
