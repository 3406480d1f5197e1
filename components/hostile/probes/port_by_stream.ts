// Transfers a stream, for which the runtime makes ports, and looks for them.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  const { dispatchEvent } = EventTarget.prototype;
  const seen = [];
  EventTarget.prototype.dispatchEvent = function (event) {
    seen.push(this.constructor.name, event.constructor.name);
    return Reflect.apply(dispatchEvent, this, [event]);
  };
  const stream = new ReadableStream();
  try {
    const clone = structuredClone(stream, { transfer: [stream] });
    clone.getReader();
  } catch {
    // Streams are not transferred.
  }
  const channel = seen.includes("MessageChannel");
  return { got: channel ? seen : null };
}
