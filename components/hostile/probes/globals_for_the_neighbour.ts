// Changes prototypes and globals in the hope that its neighbour has the same.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  Object.prototype.toJSON = () => ({ sum: 666 });
  Number.prototype.valueOf = () => 666;
  Array.prototype.join = () => '{"c":1,"v":{"sum":666}}';
  globalThis.Object = globalThis.Promise = globalThis.JSON = undefined;
  return { got: null };
}
