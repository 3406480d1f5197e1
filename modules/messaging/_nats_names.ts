/**
 * Names of what a NATS server keeps for subscriptions: queue groups and consumers.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** A name that a server takes, and that nothing else has but what it is of. */
export function groupName(
  group: string,
  name: string,
  of: readonly string[],
): string {
  const plain = `${group}-${name}`.replace(/[^A-Za-z0-9_-]+/g, "_");
  const hash = createHash("sha256").update(
    JSON.stringify([group, name, ...of]),
  );
  return `${plain.slice(0, 60)}-${hash.digest("hex").slice(0, 12)}`;
}
