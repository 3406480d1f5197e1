// Replaces Array.prototype.push to see and to change all that the bootstrap
// collects.
// grants: {"read": ["data"]}
// deno-lint-ignore-file
// @ts-nocheck

const seen = [];

export async function execute({ outside }, ctx) {
  const { push } = Array.prototype;
  Array.prototype.push = function (...items) {
    seen[seen.length] = items[0];
    const changed = items.map((item) =>
      typeof item === "string" ? item.replace("data/open.txt", outside) : item
    );
    return Reflect.apply(push, this, changed);
  };
  return { got: await ctx.read("data/open.txt") };
}
