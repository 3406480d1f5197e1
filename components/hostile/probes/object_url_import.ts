// Makes an address for code of its own to load it as a worker.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  const makers = [
    URL.createObjectURL,
    URL.prototype.constructor.createObjectURL,
    Object.getPrototypeOf(URL).createObjectURL,
    new URL("a:b").constructor.createObjectURL,
  ].filter((maker) => typeof maker === "function");
  return { got: makers.length > 0 ? String(makers[0]) : null };
}
