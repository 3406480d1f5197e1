// Replaces the functions of Reflect and Function.prototype to be given the
// port of the bootstrap.
// deno-lint-ignore-file
// @ts-nocheck

export async function execute(_, ctx) {
  const seen = [];
  const note = (...values) => {
    for (const value of values) {
      if (typeof value?.postMessage === "function") seen.push("a port");
    }
  };
  for (const name of ["apply", "construct", "get", "ownKeys"]) {
    Reflect[name] = (...args) => note(...args);
  }
  for (const name of ["call", "apply", "bind"]) {
    Function.prototype[name] = function (...args) {
      note(this, ...args);
    };
  }
  await ctx.services.granted.echo({});
  return { got: seen.length > 0 ? seen : null };
}
