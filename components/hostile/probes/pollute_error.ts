// Replaces Error and its fields, which refusals are made of.
// alone: ["shared"]
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ outside }, ctx) {
  const seen = [];
  globalThis.Error = class {
    constructor(message) {
      seen.push(message);
    }
    set name(_) {
      throw { message: "in the setter" };
    }
  };
  await ctx.read(outside).catch(() => {});
  return { got: null, seen };
}
