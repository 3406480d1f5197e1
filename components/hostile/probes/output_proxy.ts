// Returns a proxy that answers to every name with another proxy.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  const endless = new Proxy({}, {
    get: (_, key) => key === "toJSON" || key === "then" ? undefined : endless,
    ownKeys: () => ["a", "b"],
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
  });
  return endless;
}
