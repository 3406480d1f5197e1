// Sends header lines with line ends in them and methods that are no word, past
// the checks of Request.
// grants: {"net": ["GRANTED"]}
// executionMs: 3000
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ url, granted }, ctx) {
  const got = [];
  for (
    const [method, headers] of [
      ["GET / HTTP/1.1\r\nx: y\r\n\r\nGET /b", []],
      ["CONNECT", []],
      ["TRACE", []],
      ["GET", [["x", `y\r\nhost: ${url}`]]],
      ["GET", [["x\r\ny", "z"]]],
      ["GET", [["transfer-encoding", "chunked"], ["content-length", "9"]]],
    ]
  ) {
    globalThis.Request = function () {
      return { url: granted, method, headers, body: null };
    };
    const answer = await ctx.fetch(granted).catch(() => null);
    const text = await answer?.text();
    if (text !== undefined && text !== "hello") got.push(text);
  }
  return { got: got.length > 0 ? got : null };
}
