// Throws an error that looks like one of the engine and asks for patience
// without end.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  throw Object.assign(new Error("x"), {
    name: "RetryableError",
    retryAfterMs: Infinity,
  });
}
