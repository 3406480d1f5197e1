// Asks for the names of the machine and its user.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  const { hostname, osRelease, uid, networkInterfaces } = Deno;
  return { got: [hostname(), osRelease(), uid(), networkInterfaces()] };
}
