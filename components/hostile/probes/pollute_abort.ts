// Replaces the methods of AbortSignal and Event, through which the runtime
// tells of the end of a call.
// deno-lint-ignore-file
// @ts-nocheck

export function execute(_, ctx) {
  const seen = [];
  EventTarget.prototype.addEventListener = function (_type, listener) {
    seen.push(this, listener);
  };
  AbortController.prototype.abort = function () {
    seen.push(this);
  };
  ctx.signal.addEventListener("abort", () => {});
  const ports = seen.filter((it) => typeof it?.postMessage === "function");
  return { got: ports.length > 0 ? "a port" : null };
}
