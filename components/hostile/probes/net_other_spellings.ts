// Writes the private address as a decimal, hexadecimal, octal and short number
// and mapped into IPv6.
// grants: {"net": ["GRANTED"]}
// executionMs: 3000
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ url, port, granted }, ctx) {
  const got = [];
  for (
    const address of [
      `http://2130706433:${port}/`,
      `http://0x7f000001:${port}/`,
      `http://0177.0.0.1:${port}/`,
      `http://127.1:${port}/`,
      `http://0:${port}/`,
      `http://0.0.0.0:${port}/`,
      `http://[::1]:${port}/`,
      `http://[::ffff:127.0.0.1]:${port}/`,
      `http://[::ffff:7f00:1]:${port}/`,
      `http://[64:ff9b::7f00:1]:${port}/`,
      `http://①②⑦.⓪.⓪.①:${port}/`,
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
