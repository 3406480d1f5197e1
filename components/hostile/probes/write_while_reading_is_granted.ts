// Writes to a file that it may only read.
// grants: {"read": ["data"]}
// deno-lint-ignore-file
// @ts-nocheck

export async function execute(_, ctx) {
  await ctx.write("data/open.txt", "changed");
  return { got: "written" };
}
