// Gives paths that are no texts.
// grants: {"read": ["data"]}
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ outside }, ctx) {
  const odd = [
    [outside],
    { toString: () => outside },
    new String(outside),
    null,
  ];
  const got = [];
  for (const path of [...odd, { length: 1, 0: outside }, 7]) {
    const content = await ctx.read(path).catch(() => null);
    if (content !== null) got.push(new TextDecoder().decode(content));
  }
  return { got: got.length > 0 ? got : null };
}
