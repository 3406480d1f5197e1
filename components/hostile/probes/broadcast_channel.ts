// Listens to a channel that all workers of a process share.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  const channel = new BroadcastChannel("all");
  channel.postMessage("hello");
  return { got: "a channel" };
}
