// Answers well and spins from a timer while it is stopped, so that its thread
// goes on beside those of others.
// alone: ["shared"]
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  setTimeout(() => {
    for (;;);
  }, 0);
  return { got: null };
}
