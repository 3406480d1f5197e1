// Blocks its thread for ever with Atomics.wait.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  const { Atomics, SharedArrayBuffer } = globalThis;
  const cell = new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(cell, 0, 0);
  return { got: "woke up" };
}
