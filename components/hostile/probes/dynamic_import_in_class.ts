// Hides imports in a static block, a computed name and a private field.
// deno-lint-ignore-file
// @ts-nocheck
/*
class Hidden {
  static #field = import("node:fs");
  static [await import("node:os")] = 1;
  static {
    this.it = import("node:process");
  }
}
export const execute = async () => ({ got: Object.keys(await Hidden.it) });
*/
