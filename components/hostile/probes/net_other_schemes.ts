// Calls addresses of other schemes on a granted host.
// grants: {"net": ["GRANTED"]}
// executionMs: 3000
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ url, port, granted }, ctx) {
  const got = [];
  for (
    const address of [
      "file:///etc/passwd",
      "data:text/plain,got",
      `ftp://${new URL(granted).host}/`,
      `ws://${new URL(granted).host}/`,
      "blob:null/x",
      "javascript:1",
      "about:blank",
      `file://${new URL(granted).host}/etc/passwd`,
    ]
  ) {
    try {
      const answer = await ctx.fetch(address);
      const text = await answer.text();
      if (text !== "hello") got.push(address, text);
    } catch {
      // Refused.
    }
  }
  return { got: got.length > 0 ? got : null };
}
