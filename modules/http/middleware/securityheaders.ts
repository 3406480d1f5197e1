/**
 * Sets the headers by which browsers protect a page and its users.
 *
 * @module
 */
import { z } from "zod";
import { defineModule } from "@engine/define.ts";
import { HttpMiddleware } from "@engine/services/http_middleware.ts";
import { amendHeaders } from "../_response_headers.ts";

const DEFAULT_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
].join("; ");

const DEFAULT_HSTS_SECONDS = 31_536_000;

/** The value of a header; a line end in it would be an error at each request. */
function headerValue(fallback: string) {
  return z.string()
    .regex(
      /^[\t\x20-\x7e]*$/,
      "Expected one line of printable ASCII characters",
    )
    .default(fallback);
}

const config = z.strictObject({
  contentSecurityPolicy: headerValue(DEFAULT_POLICY)
    .describe(
      "Content-Security-Policy: what a page may load; empty means the default",
    ),
  frameOptions: headerValue("DENY")
    .describe(
      "X-Frame-Options: who may show a page in a frame; empty means the default",
    ),
  contentTypeOptions: headerValue("nosniff")
    .describe("X-Content-Type-Options; empty means the default"),
  hstsMaxAge: z.int()
    .default(DEFAULT_HSTS_SECONDS)
    .meta({ unit: "s" })
    .describe(
      "For how many seconds browsers use HTTPS only (Strict-Transport-Security); 0 means the default, a negative number leaves the header out",
    ),
  referrerPolicy: headerValue("strict-origin-when-cross-origin")
    .describe(
      "Referrer-Policy: what links tell other sites; empty means the default",
    ),
  permissionsPolicy: headerValue("camera=(), microphone=(), geolocation=()")
    .describe(
      "Permissions-Policy: which devices a page may ask for; empty means the default",
    ),
});

export default defineModule({
  type: "http.middleware.securityheaders",
  summary:
    "Sets the security headers of a response that its handler has not set",
  stability: "stable",
  config,
  provides: [HttpMiddleware],
  examples: [{
    title: "Answers that no other site may frame",
    modules: [
      { name: "server", type: "http.server", config: { address: ":0" } },
      { name: "router", type: "http.router" },
      {
        name: "security",
        type: "http.middleware.securityheaders",
        config: { frameOptions: "SAMEORIGIN", hstsMaxAge: 86_400 },
      },
      { name: "hello", type: "http.handler" },
    ],
    workflows: {
      http: {
        routes: [{
          method: "GET",
          path: "/hello",
          handler: "hello",
          middlewares: ["security"],
        }],
      },
    },
    exchanges: [{
      request: { method: "GET", path: "/hello" },
      response: {
        status: 200,
        headers: {
          "X-Frame-Options": "SAMEORIGIN",
          "X-Content-Type-Options": "nosniff",
          "Strict-Transport-Security": "max-age=86400; includeSubDomains",
        },
      },
    }],
  }],
  create(config) {
    const pairs = headerPairs(config);
    function amend(headers: Headers): void {
      for (const [name, value] of pairs) {
        if (!headers.has(name)) headers.set(name, value);
      }
    }
    return {
      async process(_context, next) {
        return amendHeaders(await next(), amend);
      },
    };
  },
});

function headerPairs(
  given: z.output<typeof config>,
): readonly (readonly [string, string])[] {
  const defaults = config.parse({});
  const pairs: (readonly [string, string])[] = [
    [
      "x-content-type-options",
      given.contentTypeOptions || defaults.contentTypeOptions,
    ],
    ["x-frame-options", given.frameOptions || defaults.frameOptions],
    [
      "content-security-policy",
      given.contentSecurityPolicy || defaults.contentSecurityPolicy,
    ],
    ["referrer-policy", given.referrerPolicy || defaults.referrerPolicy],
    [
      "permissions-policy",
      given.permissionsPolicy || defaults.permissionsPolicy,
    ],
  ];
  const hstsSeconds = given.hstsMaxAge || defaults.hstsMaxAge;
  if (hstsSeconds > 0) {
    pairs.push([
      "strict-transport-security",
      `max-age=${hstsSeconds}; includeSubDomains`,
    ]);
  }
  return pairs;
}
