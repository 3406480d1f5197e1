// Writes its secret to a granted file and reads it back, to have it replaced
// there.
// grants: {"read": ["data"], "write": ["data"]}
// deno-lint-ignore-file
// @ts-nocheck

export async function execute(_, ctx) {
  const { KEY } = ctx.secrets;
  await ctx.write("data/key.txt", KEY);
  const back = new TextDecoder().decode(await ctx.read("data/key.txt"));
  return { got: back === KEY ? null : back };
}
