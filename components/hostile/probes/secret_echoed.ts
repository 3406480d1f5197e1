// Sends its secret to a granted host that sends back what it gets.
// grants: {"net": ["GRANTED"]}
// executionMs: 3000
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ granted }, ctx) {
  const { KEY } = ctx.secrets;
  const answer = await ctx.fetch(`${granted}/echo`, {
    method: "POST",
    body: KEY,
  });
  return { got: null, text: await answer.text() };
}
