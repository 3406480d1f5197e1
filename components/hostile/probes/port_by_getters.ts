// Defines getters for data, ports and target on the prototype of events to be
// handed the port.
// alone: ["shared"]
// deno-lint-ignore-file
// @ts-nocheck

export async function execute(_, ctx) {
  const seen = [];
  for (const name of ["data", "ports", "source", "target", "currentTarget"]) {
    Object.defineProperty(Event.prototype, name, {
      configurable: true,
      get() {
        seen.push(this);
        return undefined;
      },
    });
  }
  await ctx.services.granted.echo({});
  return { got: seen.length > 0 ? seen.map(String) : null };
}
