// Makes a second realm, in which nothing was taken away.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  return { got: new ShadowRealm().evaluate("typeof Deno") };
}
