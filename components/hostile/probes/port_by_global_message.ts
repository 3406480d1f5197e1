// Listens on the worker's own channel and speaks on it.
// deno-lint-ignore-file
// @ts-nocheck

export async function execute(_, ctx) {
  const seen = [];
  globalThis.onmessage = ({ data }) => seen.push(data);
  globalThis.addEventListener("message", ({ data }) => seen.push(data));
  globalThis.addEventListener("messageerror", () => seen.push("error"));
  globalThis.postMessage?.({ c: 1, v: 1 });
  if (globalThis.postMessage !== undefined) seen.push("postMessage");
  await ctx.services.granted.echo({});
  return { got: seen.length > 0 ? seen.map(String) : null };
}
