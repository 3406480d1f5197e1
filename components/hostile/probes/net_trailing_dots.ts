// Writes the address with dots at its end and empty parts.
// grants: {"net": ["GRANTED", "localhost", "127.0.0.1"]}
// executionMs: 3000
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ url, port, granted }, ctx) {
  const got = [];
  for (
    const address of [
      `http://127.0.0.1.:${port}/`,
      `http://localhost.:${port}/`,
      `http://.localhost:${port}/`,
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
