// Answers well and spins from a timer afterwards, when nobody waits.
// calls: 2
// alone: ["shared"]
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  setTimeout(() => {
    for (;;);
  }, 0);
  return { got: null };
}
