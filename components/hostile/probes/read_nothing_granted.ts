// Reads files without any grant.
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ file, outside, folder }, ctx) {
  const got = [];
  for (
    const path of ["data/open.txt", "./secret.txt", file, outside, "", ".", "/"]
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
