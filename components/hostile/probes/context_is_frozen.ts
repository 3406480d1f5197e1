// Changes what the context shares between calls, so that a later call gets
// another log and other secrets.
// calls: 2
// deno-lint-ignore-file
// @ts-nocheck

export function execute({ call }, ctx) {
  for (const it of [ctx.log, ctx.secrets, ctx.services]) {
    try {
      it.info = it.KEY = it.granted = "changed";
    } catch {
      // It is frozen.
    }
  }
  const isChanged = ctx.log.info === "changed" || ctx.secrets.KEY === "changed";
  return { got: isChanged ? "changed" : null, call };
}
