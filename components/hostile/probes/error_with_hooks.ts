// Throws an error, where nobody catches it, whose fields run code and are of
// odd kinds.
// alone: ["shared"]
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  const error = new Error("x");
  Object.defineProperty(error, "name", { get: () => ({ toString: null }) });
  Object.defineProperty(error, "message", { get: () => 10n });
  Object.defineProperty(error, "stack", { get: () => error });
  Object.defineProperty(error, Symbol.toStringTag, { get: () => 7 });
  Promise.reject(error);
  Promise.reject(new Proxy(error, {}));
  return new Promise(() => {});
}
