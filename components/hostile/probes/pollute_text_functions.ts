// Replaces functions on texts and numbers that the bootstrap uses to read what
// it was given.
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ file }, ctx) {
  String.prototype.slice = () => file;
  String.prototype.charCodeAt = () => 65;
  String.fromCharCode = () => "A";
  Math.imul = () => 0;
  Number.prototype.toString = () => "1";
  globalThis.atob = () => file;
  globalThis.btoa = () => "L2V0Yy9wYXNzd2Q=";
  const read = await ctx.read(file);
  return { got: new TextDecoder().decode(read) };
}
