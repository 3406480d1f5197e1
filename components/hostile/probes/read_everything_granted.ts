// Is granted the whole folder and leads out of it.
// grants: {"read": ["."]}
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ file, outside, folder }, ctx) {
  const got = [];
  for (
    const path of [
      "../outside/secret.txt",
      outside,
      file,
      "data/link.txt",
      "data/folder/secret.txt",
      "/etc/passwd",
      "..",
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
