// Calls the local server with every global that speaks over the network.
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ url }) {
  const got = [];
  const address = url.replace("http", "ws");
  const makers = [
    "WebSocket",
    "WebSocketStream",
    "EventSource",
    "WebTransport",
  ];
  for (const name of makers) {
    if (globalThis[name] === undefined) continue;
    got.push(name);
    new globalThis[name](address);
  }
  if (globalThis.XMLHttpRequest !== undefined) got.push("XMLHttpRequest");
  if (globalThis.fetch !== undefined) got.push(await (await fetch(url)).text());
  return { got: got.length > 0 ? got : null };
}
