// Writes the dots and slashes of a path in other ways.
// grants: {"read": ["data"]}
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ file, outside, folder }, ctx) {
  const got = [];
  for (
    const path of [
      "data/%2e%2e/secret.txt",
      "data/..%2fsecret.txt",
      "data/\u002e\u002e/secret.txt",
      "data/．．/secret.txt",
      "data/..\u2215secret.txt",
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
