// Looks for what others left in memory that it is given without being cleared.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  const text = new TextDecoder("latin1");
  for (let i = 0; i < 200; i++) {
    const bytes = new Uint8Array(64 * 1024);
    if (bytes.some((byte) => byte !== 0)) return { got: text.decode(bytes) };
  }
  return { got: null };
}
