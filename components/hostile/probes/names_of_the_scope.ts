// Looks for other names of the global scope that might have kept what was
// taken away.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  const found = [];
  for (const name of ["self", "window", "frames", "parent", "top", "global"]) {
    const scope = globalThis[name];
    if (scope === undefined) continue;
    found.push(name);
    if (scope.Deno ?? scope.postMessage) found.push(`${name}.Deno`);
  }
  const sloppy = (function () {
    return this;
  })();
  if (sloppy !== undefined) found.push("this");
  return { got: found.length > 0 ? found : null };
}
