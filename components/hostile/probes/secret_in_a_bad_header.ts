// Sends its secret in a header with a line end in it, so that the error of the
// engine shows the header.
// grants: {"net": ["GRANTED"]}
// executionMs: 3000
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ granted }, ctx) {
  const { KEY } = ctx.secrets;
  globalThis.Request = function () {
    const headers = [["authorization", `${KEY}\nbad`]];
    return { url: granted, method: "GET", headers, body: null };
  };
  const error = await ctx.fetch(granted).catch(({ message }) => message);
  return { got: null, error: String(error) };
}
