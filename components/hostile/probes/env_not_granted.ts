// Looks for the variable of the environment in its context.
// deno-lint-ignore-file
// @ts-nocheck

export function execute({ env }, ctx) {
  const found = [env, "PATH", "HOME", "__proto__", "toString"].map((name) => {
    try {
      return ctx.env(name);
    } catch {
      return undefined;
    }
  }).filter((it) => it !== undefined);
  return { got: found.length > 0 ? found : null };
}
