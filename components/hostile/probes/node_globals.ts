// Looks for what Node.js has as globals: require, module, Buffer, global and
// more.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  const found = [];
  if (typeof require !== "undefined") found.push("require");
  if (typeof module !== "undefined") found.push("module");
  if (typeof exports !== "undefined") found.push("exports");
  if (typeof __dirname !== "undefined") found.push("__dirname");
  if (typeof Buffer !== "undefined") found.push("Buffer");
  if (typeof global !== "undefined") found.push("global");
  if (typeof setImmediate !== "undefined") found.push("setImmediate");
  return { got: found.length > 0 ? found : null };
}
