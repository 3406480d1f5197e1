// Leads out of a granted folder with dots.
// grants: {"read": ["data"]}
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ file, outside, folder }, ctx) {
  const got = [];
  for (
    const path of [
      "data/../secret.txt",
      "data/../../outside/secret.txt",
      "data/./../database/secret.txt",
      "data//..//secret.txt",
      "../document/secret.txt",
      "data/x/../../secret.txt",
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
