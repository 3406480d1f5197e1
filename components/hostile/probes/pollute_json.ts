// Replaces JSON.parse and JSON.stringify to see what goes in and out.
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ file }, ctx) {
  const got = [];
  JSON.stringify = (value) => {
    got.push(value);
    return `{"op":"read","a":["${file}"]}`;
  };
  JSON.parse = (text) => {
    got.push(text);
    return { r: 1, v: "" };
  };
  await ctx.services.granted.echo({ a: 1 });
  return { got: got.length > 0 ? got : null };
}
