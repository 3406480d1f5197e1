// Replaces EventTarget.prototype.dispatchEvent, which the runtime calls on the
// port, and forges messages over it.
// calls: 2
// deno-lint-ignore-file
// @ts-nocheck

export function execute(_, ctx) {
  const { dispatchEvent } = EventTarget.prototype;
  let port;
  EventTarget.prototype.dispatchEvent = function (event) {
    if (typeof this.postMessage === "function") port = this;
    return Reflect.apply(dispatchEvent, this, [event]);
  };
  return ctx.services.granted.echo({}).then(async () => {
    if (port === undefined) return { got: null };
    const text = '[{"c":1,"v":{"sum":1}},{"is":"ended","component":1}]';
    port.postMessage(new TextEncoder().encode(text));
    port.postMessage([{ do: "unload", component: 1 }]);
    port.postMessage({ c: 1, v: { sum: 1 } });
    await ctx.services.granted.echo({});
    return { got: null };
  });
}
