/**
 * What the context of a call has, offered behind `ctx.` or `context.`.
 *
 * @module
 */
import type {
  Completion,
  CompletionContext,
  CompletionResult,
} from "@codemirror/autocomplete";

const WORDS: readonly Completion[] = [
  { label: "fetch", type: "method", detail: "reach a granted host" },
  { label: "read", type: "method", detail: "read a granted file" },
  { label: "write", type: "method", detail: "write a granted file" },
  { label: "env", type: "method", detail: "a variable" },
  { label: "secrets", type: "property", detail: "placeholders of secrets" },
  { label: "services", type: "property", detail: "actions of modules" },
  { label: "log", type: "property", detail: "debug, info, warn, error" },
  { label: "now", type: "method", detail: "milliseconds since 1970" },
  { label: "random", type: "method", detail: "the same for the same key" },
  { label: "signal", type: "property", detail: "aborts when nobody waits" },
  { label: "deadline", type: "property", detail: "when nobody will wait" },
  {
    label: "idempotencyKey",
    type: "property",
    detail: "the same for every attempt",
  },
];

/** Offers them. */
export function completeContext(
  context: CompletionContext,
): CompletionResult | null {
  const before = context.matchBefore(/\b(?:ctx|context)\.\w*/);
  if (before === null) return null;
  const from = before.from + before.text.indexOf(".") + 1;
  return { from, options: WORDS, validFor: /^\w*$/ };
}
