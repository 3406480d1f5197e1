// Is granted the host at its standard ports and asks for another.
// grants: {"net": ["127.0.0.1", "localhost", "127.0.0.1:80"]}
// executionMs: 3000
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ url, port, granted }, ctx) {
  const got = [];
  for (
    const address of [
      `http://127.0.0.1:${port}/`,
      `http://127.0.0.1:0${port}/`,
      `http://127.0.0.1:80:${port}/`,
      `http://127.0.0.1:%38${port}/`,
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
