/**
 * The config of `auth.modular`, and what is wrong with one. Pure.
 *
 * @module
 */
import { z } from "zod";
import { duration, durationMs, type Issue, secret } from "@engine/define.ts";
import { SESSION_COOKIE } from "@engine/services/http_server.ts";
import { inBothSpellings, inOneSpelling } from "../_spellings.ts";
import { unfitSecret } from "./_signing_secret.ts";

const jwt = inBothSpellings({
  secret: secret().describe(
    "The key that signs the tokens (HS256) and seals what is kept in the browser during a sign-in: at least 32 bytes of chance",
  ),
  expiration: duration().default("24h").describe(
    "How long an access token is valid",
  ),
  refreshExpiration: duration().default("168h").describe(
    "How long a refresh token is valid; each exchange begins anew",
  ),
  refresh: duration().optional().describe(
    "The same as refreshExpiration, over which it takes precedence",
  ),
  issuer: z.string().min(1).default("modular-auth").describe(
    "The issuer that tokens name, and the only one that is accepted",
  ),
});

const session = inBothSpellings({
  cookieName: z.string().regex(
    /^[\w-]{1,64}$/,
    "Expected letters, digits, dashes and underscores, 64 at most",
  ).default("session_id").describe("The name of the session cookie"),
  maxAge: duration().default("24h").describe(
    "How long a browser session lasts at most, however much it is used",
  ),
  idleTimeout: duration().default("2h").describe(
    "How long a browser session lasts without being used",
  ),
  secure: z.union([z.boolean(), z.literal("auto")]).default("auto").describe(
    "Whether the cookie goes over https only; auto: where browsers come over https",
  ),
  sameSite: z.enum(["lax", "strict", "none"]).default("lax").describe(
    "Whether the cookie comes along from other sites; with strict, whoever follows a link from elsewhere seems signed out at first",
  ),
  domain: z.string().min(1).optional().describe(
    "The domain for whose hosts the cookie is; absent: this host alone",
  ),
  path: z.string().startsWith("/").default("/").describe(
    "The path below which the cookie is sent",
  ),
});

const provider = inBothSpellings({
  issuer: z.url({ protocol: /^https?$/ }).optional().describe(
    "An OpenID provider, which says itself where its endpoints are",
  ).meta({ widget: "url", examples: ["https://accounts.google.com"] }),
  authURL: z.url({ protocol: /^https?$/ }).optional().describe(
    "Where browsers go to sign in, for a provider without issuer",
  ).meta({ widget: "url" }),
  tokenURL: z.url({ protocol: /^https?$/ }).optional().describe(
    "Where a code is exchanged, for a provider without issuer",
  ).meta({ widget: "url" }),
  userInfoURL: z.url({ protocol: /^https?$/ }).optional().describe(
    "Where to ask who somebody is, for a provider without issuer",
  ).meta({ widget: "url" }),
  clientID: z.string().min(1).optional().describe(
    "What the provider calls the application; required",
  ),
  clientSecret: secret().optional().describe(
    "The secret of the application; absent for a public client, which PKCE alone protects",
  ),
  clientAuth: z.enum(["basic", "post"]).default("basic").describe(
    "How the secret is sent: in a header, or in the body",
  ),
  redirectURL: z.url({ protocol: /^https?$/ }).optional().describe(
    "Where the provider sends browsers back to: this module's callback; absent: publicURL with /auth/callback/ and the provider's name",
  ).meta({ widget: "url" }),
  scopes: z.array(z.string().min(1)).optional().describe(
    "What is asked for; absent: openid, profile and email from an OpenID provider, nothing from others",
  ),
  subjectClaim: z.string().min(1).optional().describe(
    "The claim that tells users apart for good; absent: sub, else id",
  ),
  groupsClaim: z.string().min(1).default("groups").describe(
    "The claim that holds the groups of a user; dots lead into objects",
  ).meta({ examples: ["realm_access.roles"] }),
  roles: z.record(z.string().min(1), z.string().min(1)).default({}).describe(
    "Which group gives which role; the first one that the user has counts",
  ),
  defaultRole: z.string().min(1).optional().describe(
    "The role of users whose groups give none",
  ),
  allowPrivateIPs: z.boolean().default(false).describe(
    "Let the provider have a private address, such as one of this network",
  ),
  allowHTTP: z.boolean().default(false).describe(
    "Let the provider be spoken to without TLS; for tests only",
  ),
});

const password = inBothSpellings({
  minLength: z.int().min(1).max(256).default(8).meta({ unit: "count" })
    .describe("How many characters a new password needs"),
  requireUpper: z.boolean().default(false).describe(
    "Whether a new password needs a capital letter",
  ),
  requireLower: z.boolean().default(false).describe(
    "Whether a new password needs a small letter",
  ),
  requireDigit: z.boolean().default(false).describe(
    "Whether a new password needs a digit",
  ),
  requireSpecial: z.boolean().default(false).describe(
    "Whether a new password needs something else than letters and digits",
  ),
});

const oauth2 = z.strictObject({
  providers: z.record(
    z.string().regex(
      /^[\w-]{1,50}$/,
      "Expected letters, digits, dashes and underscores, 50 at most",
    ),
    provider,
  ).default({}).describe("Who signs users in, by the name in the routes"),
});

/** The config as a document states it. Read it with `settingsOf`. */
export const modularConfig = inBothSpellings({
  publicURL: z.url({ protocol: /^https?$/ }).optional().describe(
    "Where browsers reach the routes of this module, without /auth: the origin from which changes are accepted, and where providers send browsers back to; absent: the host of each request",
  ).meta({ widget: "url", examples: ["https://shop.example.com/api"] }),
  allowRegistration: z.boolean().default(false).describe(
    "Whether anybody may register with an email address and a password",
  ),
  jwt: jwt.describe("The tokens for programs"),
  session: session.prefault({}).describe(
    "How browser sessions last, and their cookie",
  ),
  oauth2: oauth2.prefault({}).describe("Sign-in with other services"),
  password: password.prefault({}).describe("Rules for new passwords"),
});

type Config = z.output<typeof modularConfig>;

/** What a provider is configured with. */
export type ProviderSettings = z.output<typeof provider> & {
  readonly clientID: string;
  /** Where the callback is, whichever key says so. */
  readonly redirectURL: string;
};

/** How sessions are configured. */
export interface SessionSettings
  extends Omit<z.output<typeof session>, "maxAge" | "idleTimeout"> {
  readonly maxAgeMs: number;
  readonly idleMs: number;
}

/** The config in one spelling, with times in milliseconds. */
export interface Settings {
  readonly publicURL: string | undefined;
  readonly allowRegistration: boolean;
  readonly jwt: {
    readonly secret: string;
    readonly tokenMs: number;
    readonly refreshMs: number;
    readonly issuer: string;
  };
  readonly session: SessionSettings;
  readonly providers: ReadonlyMap<string, ProviderSettings>;
  readonly password: z.output<typeof password>;
}

/** Reads a config that the schema has accepted. */
export function settingsOf(given: Config): Settings {
  const whole = inOneSpelling(modularConfig, given);
  const tokens = inOneSpelling(jwt, whole.jwt);
  const { maxAge, idleTimeout, ...cookie } = inOneSpelling(
    session,
    whole.session,
  );
  const { publicURL } = whole;
  return {
    publicURL,
    allowRegistration: whole.allowRegistration,
    jwt: {
      secret: tokens.secret,
      issuer: tokens.issuer,
      tokenMs: durationMs(tokens.expiration),
      refreshMs: durationMs(tokens.refresh ?? tokens.refreshExpiration),
    },
    session: {
      ...cookie,
      maxAgeMs: durationMs(maxAge),
      idleMs: durationMs(idleTimeout),
    },
    password: inOneSpelling(password, whole.password),
    providers: new Map(
      Object.entries(whole.oauth2.providers).map(([name, one]) => {
        const settings = inOneSpelling(provider, one);
        const redirectURL = settings.redirectURL ??
          callbackURL(publicURL, name);
        const { clientID = "" } = settings;
        return [name, { ...settings, clientID, redirectURL }];
      }),
    ),
  };
}

/** Empty if nothing says where the callback is; `checkModular` refuses that. */
function callbackURL(publicURL: string | undefined, provider: string): string {
  if (publicURL === undefined) return "";
  return `${publicURL.replace(/\/$/, "")}/auth/callback/${provider}`;
}

/** What the schema cannot say. */
export function checkModular(config: Config): readonly Issue[] {
  const { jwt, session, providers } = settingsOf(config);
  return [
    ...unfitSecret(jwt.secret, ["jwt", "secret"]),
    ...tooShort({
      "jwt.expiration": jwt.tokenMs,
      "jwt.refreshExpiration": jwt.refreshMs,
      "session.maxAge": session.maxAgeMs,
      "session.idleTimeout": session.idleMs,
    }),
    ...cookieIssues(session),
    ...[...providers].flatMap(([name, one]) => providerIssues(name, one)),
  ];
}

function tooShort(times: Readonly<Record<string, number>>): readonly Issue[] {
  return Object.entries(times).filter(([, ms]) => ms <= 0)
    .map(([path]) => invalid(path.split("."), `${path} must be longer than 0`));
}

function cookieIssues(
  { cookieName, sameSite, secure }: SessionSettings,
): readonly Issue[] {
  const issues: Issue[] = [];
  if (cookieName === SESSION_COOKIE) {
    issues.push(invalid(
      ["session", "cookieName"],
      `The cookie "${SESSION_COOKIE}" belongs to the management pages`,
    ));
  }
  if (sameSite === "none" && secure === false) {
    issues.push(invalid(
      ["session", "secure"],
      "Browsers take a cookie with sameSite: none only if it is secure",
    ));
  }
  return issues;
}

function providerIssues(
  name: string,
  provider: ProviderSettings,
): readonly Issue[] {
  const path = ["oauth2", "providers", name];
  const { issuer, authURL, tokenURL, userInfoURL, allowHTTP } = provider;
  const issues: Issue[] = [];
  const endpoints = [authURL, tokenURL, userInfoURL];
  if (issuer === undefined && endpoints.includes(undefined)) {
    issues.push({
      code: "missing-key",
      path,
      message:
        `The provider "${name}" needs an issuer, or authURL, tokenURL and userInfoURL`,
    });
  }
  if (provider.clientID === "") {
    issues.push({
      code: "missing-key",
      path,
      message: `The provider "${name}" needs a clientID`,
    });
  }
  if (provider.redirectURL === "") {
    issues.push({
      code: "missing-key",
      path,
      message:
        `The provider "${name}" needs a redirectURL, or the module a publicURL`,
    });
  }
  if (
    !allowHTTP && [issuer, ...endpoints].some((url) => url?.startsWith("http:"))
  ) {
    issues.push(invalid(
      path,
      `The provider "${name}" is reached over http, where anybody on the way can sign in`,
    ));
  }
  return issues;
}

function invalid(path: Issue["path"], message: string): Issue {
  return { code: "invalid-value", path, message };
}
