// Opens the database of the host.
// deno-lint-ignore-file
// @ts-nocheck

export async function execute() {
  const kv = await Deno.openKv();
  await kv.set(["left"], "behind");
  return { got: "a database" };
}
