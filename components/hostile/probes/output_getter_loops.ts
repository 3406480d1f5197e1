// Returns an object whose getter never ends.
// alone: ["shared"]
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  return {
    get got() {
      for (;;);
    },
  };
}
