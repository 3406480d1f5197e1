// Is granted all names below a domain, one of which leads to this machine once
// it is resolved.
// grants: {"net": ["*.example:FORBIDDEN_PORT"]}
// executionMs: 3000
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ url, port, granted }, ctx) {
  const got = [];
  for (const address of [`http://rebound.example:${port}/`]) {
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
