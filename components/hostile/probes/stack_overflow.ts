// Calls itself without end, also from getters and conversions.
// executionMs: 200
// alone: ["shared"]
// deno-lint-ignore-file
// @ts-nocheck

export function execute(_, ctx) {
  const it = {
    get message() {
      return this.message;
    },
    toString() {
      return `${this}`;
    },
  };
  try {
    ctx.log.info(it, it);
  } catch {
    // The stack is too small.
  }
  const again = () => again();
  again();
}
