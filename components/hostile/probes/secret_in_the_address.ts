// Sends its secret in the address of a granted host that puts the address into
// its redirect.
// grants: {"net": ["GRANTED"]}
// executionMs: 3000
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ granted }, ctx) {
  const { KEY } = ctx.secrets;
  const address = `${granted}/redirect?to=/${KEY}`;
  const answer = await ctx.fetch(address, { headers: { "x-key": KEY } });
  return { got: null, url: answer.url, headers: [...answer.headers] };
}
