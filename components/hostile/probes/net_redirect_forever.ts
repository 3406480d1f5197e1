// Calls a granted host that redirects to itself for ever.
// grants: {"net": ["GRANTED"]}
// executionMs: 3000
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ url, port, granted }, ctx) {
  const got = [];
  for (
    const address of [
      `${granted}/redirect?to=${encodeURIComponent("/redirect")}`,
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
