// Calls a granted host that redirects to a file and to data.
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
      "blob:null/1",
    ].map((to) => `${granted}/redirect?to=${encodeURIComponent(to)}`)
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
