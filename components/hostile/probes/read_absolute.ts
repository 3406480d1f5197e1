// Reads absolute paths and addresses of files.
// grants: {"read": ["data"]}
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ file, outside, folder }, ctx) {
  const got = [];
  for (
    const path of [
      file,
      outside,
      `file://${file}`,
      `data/${outside}`,
      `/data/../${outside}`,
      `${folder}/secret.txt`,
      "/proc/self/environ",
      "~/.bashrc",
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
