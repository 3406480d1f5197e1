// Writes to files outside of what is granted, also through links and to what
// links name.
// grants: {"write": ["data"], "read": ["data"]}
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ outside }, ctx) {
  const paths = [
    ...[outside, "../outside/secret.txt", "data/../secret.txt", "secret.txt"],
    ...["data/link.txt", "data/nowhere.txt", "data/folder/planted.txt"],
    ...["database/secret.txt", "data/../database/secret.txt", "../planted.txt"],
  ];
  const got = [];
  for (const path of paths) {
    await ctx.write(path, "planted").then(() => got.push(path), () => {});
  }
  return { got: got.length > 0 ? got : null };
}
