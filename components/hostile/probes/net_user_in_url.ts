// Writes the granted host in front of the real one, as a user.
// grants: {"net": ["GRANTED"]}
// executionMs: 3000
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ url, port, granted }, ctx) {
  const got = [];
  for (
    const address of [
      `http://${new URL(granted).host}@127.0.0.1:${port}/`,
      `http://127.0.0.1:${port}#@${new URL(granted).host}/`,
      `http://127.0.0.1:${port}\\@${new URL(granted).host}/`,
      `http://127.0.0.1:${port}?@${new URL(granted).host}/`,
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
