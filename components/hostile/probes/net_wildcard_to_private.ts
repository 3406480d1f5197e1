// Is granted all names below a domain, and asks for private addresses that
// only end alike.
// grants: {"net": ["*.example.com", "*.0.0.1"]}
// executionMs: 3000
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ url, port, granted }, ctx) {
  const got = [];
  for (
    const address of [
      `http://127.0.0.1:${port}/`,
      `http://x.example.com.localhost:${port}/`,
      `http://example.com:${port}/`,
      `http://notexample.com:${port}/`,
      `http://localhost:${port}/`,
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
