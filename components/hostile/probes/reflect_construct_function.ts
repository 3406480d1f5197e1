// Makes code of text with Reflect.construct and a bound constructor.
// deno-lint-ignore-file
// @ts-nocheck

export async function execute() {
  return {
    got: Reflect.construct(Function.bind(null), ["return typeof Deno"], Map)(),
  };
}
