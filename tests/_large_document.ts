/**
 * A document as large as a builder must bear, with nothing in it that does
 * something by itself.
 *
 * @module
 */

/** How many modules it has. */
export const LARGE_MODULES = 1_000;

/** How many of them depend on one more: 1,600 ties in all. */
const MORE_TIES = 602;

const TYPES = [
  "http.middleware.ratelimit",
  "messaging.handler",
  "data.transformer",
  "http.middleware.cors",
];

/** Modules `m0` to `m999`; `m0` is a broker, every fourth a rate limiter. */
export function largeDocument(): string {
  const lines = ["# A thousand parts.", "modules:"];
  lines.push("  - name: m0", "    type: messaging.broker");
  for (let i = 1; i < LARGE_MODULES; i++) {
    const needed = new Set([`m${Math.floor((i - 1) / 3)}`]);
    if (i > LARGE_MODULES - 1 - MORE_TIES) {
      needed.add(`m${(i * 7) % (i - 340)}`);
    }
    lines.push(
      `  - name: m${i}`,
      `    type: ${TYPES[i % TYPES.length]}`,
      `    dependsOn: [${[...needed].join(", ")}]`,
    );
    if (i % TYPES.length === 0) {
      lines.push("    config:", `      requestsPerMinute: ${60 + i}`);
    } else lines.push(`    description: Does what part ${i} does`);
  }
  return lines.join("\n") + "\n";
}
