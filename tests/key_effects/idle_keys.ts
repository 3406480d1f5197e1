/**
 * What to tell somebody whose type has keys without an effect.
 *
 * @module
 */
import type { KeyEffect } from "./effects_of_keys.ts";

/** The keys, and what to do about them. */
export function idleKeys(subject: string, idle: readonly KeyEffect[]): string {
  const lines = idle.map(({ key, tried }) =>
    tried === 0
      ? `  ${key}: not tried: no document has a place for it, or no other value fits`
      : `  ${key}: no difference in ${tried} changed documents`
  );
  return [
    `${subject} has keys whose change made no difference that can be seen:`,
    ...lines,
    "For each of them, the best first:",
    "- let an example of the type use it, or a document in",
    "  tests/key_effects/scenes/, in which another value changes an answer, a",
    "  message, a log line, an outgoing request, what is stored, a wait…; `values`",
    "  there names values that cannot be guessed from the schema;",
    "- name the test that shows its effect in tests/key_effects/shown_by.ts;",
    "- if nothing reads it, make it do what it says, or declare it inert with",
    "  the reason and take it out of the schema.",
  ].join("\n");
}
