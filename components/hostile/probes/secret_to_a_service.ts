// Gives its secret to a service and reads it back, to have it replaced there.
// deno-lint-ignore-file
// @ts-nocheck

export async function execute(_, ctx) {
  const { KEY } = ctx.secrets;
  const back = await ctx.services.granted.echo({ key: KEY });
  return { got: back.key === KEY ? null : back.key };
}
