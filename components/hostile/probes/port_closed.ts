// Takes the port and closes it, so that the engine waits for ever.
// executionMs: 300
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
  port?.close();
  return { got: null };
}
