// Replaces Request, Headers and Response, so that a call of another address
// looks like one of its own.
// grants: {"net": ["GRANTED"]}
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ url, granted }, ctx) {
  globalThis.Request = class {
    url = url;
    method = "GET";
    headers = [["x", "y"]];
    body = null;
  };
  const answer = await ctx.fetch(granted);
  return { got: await answer.text() };
}
