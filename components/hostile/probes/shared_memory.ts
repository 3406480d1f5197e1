// Looks for memory that it can share, by all constructors that lead there.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  const got = [];
  if (globalThis.SharedArrayBuffer !== undefined) got.push("global");
  const buffer = new ArrayBuffer(8, { maxByteLength: 16 });
  for (const it of [buffer, new Uint8Array(8).buffer, buffer.slice(0)]) {
    if (it.constructor.name !== "ArrayBuffer") got.push(it.constructor.name);
  }
  const memory = globalThis.WebAssembly?.Memory;
  if (memory !== undefined) {
    got.push(new memory({ initial: 1, maximum: 1, shared: true }).buffer);
  }
  return { got: got.length > 0 ? got.map(String) : null };
}
