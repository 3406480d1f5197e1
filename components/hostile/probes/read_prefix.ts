// Reads a folder whose name begins like a granted one.
// grants: {"read": ["data"]}
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ file, outside, folder }, ctx) {
  const got = [];
  for (
    const path of [
      "database/secret.txt",
      "data.txt",
      "data ../secret.txt",
      "Data/../secret.txt",
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
