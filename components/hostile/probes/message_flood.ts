// Takes the port and sends messages as fast as it can.
// executionMs: 700
// alone: ["shared", "process"]
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
  const bytes = new TextEncoder().encode('[{"c":99,"v":1}]');
  for (;;) port.postMessage(bytes);
}
