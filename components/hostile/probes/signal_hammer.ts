// Asks for its signal a million times and listens to it as often.
// executionMs: 200
// alone: ["shared", "process"]
// deno-lint-ignore-file
// @ts-nocheck

export function execute(_, ctx) {
  for (let i = 0; i < 100_000; i++) {
    ctx.signal.addEventListener("abort", () => {
      for (;;);
    });
  }
  return new Promise(() => {});
}
