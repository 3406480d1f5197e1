// Looks for the variable of the environment in its context.
// deno-lint-ignore-file
// @ts-nocheck

export function execute({ env }, ctx) {
  const found = [ctx.env[env], ctx.env.PATH, ctx.env.HOME]
    .filter((it) => it !== undefined);
  return { got: found.length > 0 ? found : null };
}
