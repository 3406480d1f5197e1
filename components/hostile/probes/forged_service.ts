// Asks for services and methods that are not there, or that every object has.
// deno-lint-ignore-file
// @ts-nocheck

function forge(ctx, text) {
  const { join } = Array.prototype;
  Array.prototype.join = function () {
    Array.prototype.join = join;
    return text;
  };
  ctx.log.info("go");
}

export async function execute(_, ctx) {
  const names = ["constructor", "__proto__", "toString", "other", "granted"];
  const requests = names.flatMap((service) =>
    names.map((method) => ({
      r: 99,
      c: 1,
      op: "service",
      a: [service, method, {}],
    }))
  );
  forge(ctx, JSON.stringify(requests).slice(1, -1));
  await ctx.services.granted.echo({});
  return { got: null };
}
