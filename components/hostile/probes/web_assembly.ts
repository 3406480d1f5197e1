// Compiles a module of WebAssembly, which could share memory and spin unseen.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
  const it = globalThis.WebAssembly;
  if (it === undefined) return { got: null };
  return { got: String(new it.Module(bytes)) };
}
