// Reads a file, a variable and the system through the global Deno.
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ file, env }) {
  const it = globalThis.Deno ?? globalThis["De" + "no"];
  if (it === undefined) return { got: null };
  const got = [];
  for (
    const attempt of [
      () => it.readTextFileSync(file),
      () => it.env.get(env),
      () => it.hostname(),
      () => Object.keys(it),
    ]
  ) {
    try {
      got.push(attempt());
    } catch {
      // Refused.
    }
  }
  return { got };
}
