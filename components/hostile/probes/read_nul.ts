// Ends a path early with a byte of zero.
// grants: {"read": ["data"]}
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ file, outside, folder }, ctx) {
  const got = [];
  for (
    const path of [
      "secret.txt\u0000data/open.txt",
      "data/\u0000/../../secret.txt",
      "data/../secret.txt\u0000",
      `${outside}\u0000`,
    ]
  ) {
    try {
      const content = new TextDecoder().decode(await ctx.read(path));
      if (content !== "open") got.push(path, content);
    } catch {
      // Refused.
    }
  }
  return { got: got.length > 0 ? got : null };
}
