// Sends its secret to a granted host that redirects to another, with the body
// kept.
// grants: {"net": ["GRANTED"]}
// executionMs: 3000
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ url, granted }, ctx) {
  const { KEY } = ctx.secrets;
  const got = [];
  for (const status of [302, 307, 308]) {
    const address = `${granted}/redirect?status=${status}&to=${url}`;
    const init = { method: "POST", body: KEY, headers: { "x-plain": KEY } };
    const answer = await ctx.fetch(address, init).catch(() => null);
    if (answer !== null) got.push(await answer.text());
  }
  return { got: got.length > 0 ? got : null };
}
