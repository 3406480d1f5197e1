// Is granted a folder called etc and asks for that of the machine.
// grants: {"read": ["etc"]}
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ file, outside, folder }, ctx) {
  const got = [];
  for (
    const path of [file, "etc/../../../../../../etc/passwd", "//etc/passwd"]
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
