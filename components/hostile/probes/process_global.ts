// Uses process to read the environment, load a built-in module and leave.
// deno-lint-ignore-file
// @ts-nocheck

export function execute({ file, env }) {
  const it = globalThis.process;
  if (it === undefined) return { got: null };
  const got = [it.env?.[env], it.pid, it.argv];
  try {
    got.push(it.getBuiltinModule("node:fs").readFileSync(file, "utf8"));
  } catch {
    // Refused.
  }
  return { got };
}
