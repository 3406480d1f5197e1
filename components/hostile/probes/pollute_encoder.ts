// Replaces TextEncoder.prototype.encode and the decoder to change the bytes of
// messages.
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ file }, ctx) {
  const seen = [];
  TextEncoder.prototype.encode = (text) => {
    seen.push(text);
    return new Uint8Array([1, 2, 3]);
  };
  TextDecoder.prototype.decode = (bytes) => {
    seen.push(bytes);
    return "[]";
  };
  await ctx.services.granted.echo({ file });
  return { got: seen.length > 0 ? seen.map(String) : null };
}
