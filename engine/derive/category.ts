/**
 * The categories of module types, in which the palette and the reference list them.
 *
 * @module
 */

/** By the first parts of a type; the longest that fits counts. */
const TITLES: Readonly<Record<string, string>> = {
  "http": "HTTP",
  "httpserver": "HTTP",
  "httpclient": "HTTP",
  "chimux": "HTTP",
  "reverseproxy": "HTTP",
  "static": "HTTP",
  "http.middleware": "Middleware",
  "jsonschema": "Middleware",
  "api": "API",
  "auth": "Sign-in",
  "messaging": "Messaging",
  "event": "Messaging",
  "eventbus": "Messaging",
  "integration": "Messaging",
  "notification": "Messaging",
  "webhook": "Messaging",
  "statemachine": "State",
  "state": "State",
  "conditional": "State",
  "processing": "Components",
  "dynamic": "Components",
  "scheduler": "Time",
  "job": "Time",
  "persistence": "Storage",
  "database": "Storage",
  "storage": "Storage",
  "cache": "Storage",
  "data": "Data",
  "data.cache": "Storage",
  "data.database": "Storage",
  "metrics": "Watching",
  "health": "Watching",
  "observability": "Watching",
  "eventlogger": "Watching",
};

const OTHER = "Other";

/** The category of a type. */
export function categoryOf(type: string): string {
  return longest(TITLES, type) ?? OTHER;
}

/** Every category, in the order in which they are listed. */
export const CATEGORIES: readonly string[] = [
  ...new Set(Object.values(TITLES)),
  OTHER,
];

/** What stands at the longest first parts of a type that a map has. */
export function longest<T>(
  map: Readonly<Record<string, T>>,
  type: string,
): T | undefined {
  const parts = type.split(".");
  for (let length = parts.length; length > 0; length--) {
    const found = map[parts.slice(0, length).join(".")];
    if (found !== undefined) return found;
  }
  return undefined;
}
