// Says during its load that it is another component, without a list of
// functions.
// deno-lint-ignore-file
// @ts-nocheck

const { join } = Array.prototype;
Array.prototype.join = function () {
  Array.prototype.join = join;
  return '{"loaded":{"name":{"a":1},"contract":7,"functions":"init"}}';
};
console.info("go");

export const execute = () => ({ got: null });
