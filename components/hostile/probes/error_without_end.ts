// Throws an error, where nobody catches it, whose causes never end.
// alone: ["shared"]
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  const endless = () =>
    Object.defineProperty(new Error("x"), "cause", { get: endless });
  queueMicrotask(() => {
    throw endless();
  });
  return new Promise(() => {});
}
