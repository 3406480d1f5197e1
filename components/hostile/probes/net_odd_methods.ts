// Smuggles a second request in the method and the headers of a granted one.
// grants: {"net": ["GRANTED"]}
// executionMs: 3000
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ url, port, granted }, ctx) {
  const got = [];
  for (const address of [granted]) {
    try {
      const answer = await ctx.fetch(address, {
        method: "GET",
        headers: {
          host: `127.0.0.1:${port}`,
          connection: "upgrade",
          upgrade: "h2c",
        },
      });
      const text = await answer.text();
      if (text !== "hello") got.push(address, text);
    } catch {
      // Refused.
    }
  }
  return { got: got.length > 0 ? got : null };
}
