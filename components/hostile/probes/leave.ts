// Ends its worker or its process with everything that might do it.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  globalThis.close?.();
  globalThis.self?.close?.();
  globalThis.Deno?.exit?.(0);
  globalThis.process?.exit?.(0);
  globalThis.process?.kill?.(1);
  globalThis.dispatchEvent(new Event("unload"));
  globalThis.dispatchEvent(new Event("beforeunload"));
  return { got: null };
}
