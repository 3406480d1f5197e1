// Ends its worker with an uncaught error at every call.
// alone: ["shared"]
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  queueMicrotask(() => {
    throw new Error("nobody catches this");
  });
  return new Promise(() => {});
}
