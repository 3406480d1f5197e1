// Looks for storage that outlives it: localStorage, indexedDB, cookies, locks.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  const names = ["localStorage", "sessionStorage", "indexedDB", "cookieStore"];
  const found = [...names, "navigator", "storage"]
    .filter((name) => globalThis[name] !== undefined);
  return { got: found.length > 0 ? found : null };
}
