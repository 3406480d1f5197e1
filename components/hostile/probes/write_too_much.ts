// Writes a file that is larger than files may be.
// grants: {"write": ["data"]}
// executionMs: 1000
// alone: ["shared", "process"]
// deno-lint-ignore-file
// @ts-nocheck

export async function execute(_, ctx) {
  await ctx.write("data/large.txt", new Uint8Array(9 * 1024 * 1024));
  return { got: "written" };
}
