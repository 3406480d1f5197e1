/**
 * Words for people from names for programs: `maxBodyBytes` is "Max body bytes".
 *
 * @module
 */

/** Words that are written in capitals. */
const ACRONYMS: ReadonlySet<string> = new Set([
  "api",
  "cors",
  "csp",
  "css",
  "dsn",
  "html",
  "hsts",
  "http",
  "https",
  "id",
  "ids",
  "ip",
  "json",
  "jwt",
  "nats",
  "s3",
  "sql",
  "tls",
  "ttl",
  "uri",
  "url",
  "yaml",
]);

/** Words that names of types write as one. */
const COMPOUNDS: Readonly<Record<string, string>> = {
  eventbus: "event bus",
  eventlogger: "event logger",
  fileserver: "file server",
  httpclient: "HTTP client",
  httpserver: "HTTP server",
  ifelse: "if/else",
  jsonschema: "JSON schema",
  kafka: "Kafka",
  otel: "OpenTelemetry",
  ratelimit: "rate limit",
  requestid: "request ID",
  reverseproxy: "reverse proxy",
  securityheaders: "security headers",
  slack: "Slack",
  statemachine: "state machine",
};

/** A key or a type as a label: the first word has a capital, acronyms are in capitals. */
export function labelOf(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== "")
    .map(wordOf);
  const text = words.join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function wordOf(word: string): string {
  const lower = word.toLowerCase();
  const compound = COMPOUNDS[lower];
  if (compound !== undefined) return compound;
  if (!ACRONYMS.has(lower)) return lower;
  return lower === "ids" ? "IDs" : lower.toUpperCase();
}
