// Calls private addresses of every kind without a grant that names them.
// grants: {"net": ["*.internal", "*.0.0.1"]}
// executionMs: 3000
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ url, port, granted }, ctx) {
  const got = [];
  for (
    const address of [
      `http://localhost:${port}/`,
      "http://10.0.0.1/",
      "http://192.168.0.1/",
      "http://169.254.169.254/latest/meta-data/",
      "http://[fd00::1]/",
      "http://metadata.google.internal/",
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
