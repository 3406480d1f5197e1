// Takes the port and sends what is no bytes: errors, maps, ports, cycles and
// detached buffers.
// alone: ["shared"]
// deno-lint-ignore-file
// @ts-nocheck

export async function execute(_, ctx) {
  const { dispatchEvent } = EventTarget.prototype;
  let port;
  EventTarget.prototype.dispatchEvent = function (event) {
    if (typeof this.postMessage === "function") port = this;
    return Reflect.apply(dispatchEvent, this, [event]);
  };
  await ctx.services.granted.echo({});
  if (port === undefined) return { got: null };
  const cycle = new Map();
  cycle.set(cycle, cycle);
  const odd = [null, 1n, "text", new Error("x"), cycle, new Uint16Array(3)];
  for (
    const it of [...odd, new Blob(["x"]), new Date(NaN), new Uint8Array(0)]
  ) {
    try {
      port.postMessage(it);
    } catch {
      // It cannot be cloned.
    }
  }
  return { got: null };
}
