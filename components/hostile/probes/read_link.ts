// Reads links that lead out of the folder.
// grants: {"read": ["data"]}
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ file, outside, folder }, ctx) {
  const got = [];
  for (
    const path of [
      "data/link.txt",
      "data/folder/secret.txt",
      "data/folder/../outside/secret.txt",
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
