// Leaves timers behind that log, ask and throw after the call is over.
// calls: 2
// alone: ["shared"]
// deno-lint-ignore-file
// @ts-nocheck

export function execute({ call, file }, ctx) {
  if (call === 1) {
    setInterval(() => {
      ctx.log.info("still here");
      ctx.read(file).catch(() => {});
    }, 1);
  }
  return new Promise((resolve) => {
    setTimeout(() => resolve({ got: null }), 100);
  });
}
