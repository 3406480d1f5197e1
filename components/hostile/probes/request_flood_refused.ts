// Asks the engine for ten thousand files that it may not read.
// executionMs: 2000
// alone: ["shared", "process"]
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ file }, ctx) {
  const calls = [];
  for (let i = 0; i < 10_000; i++) calls.push(ctx.read(file).catch(() => null));
  const found = (await Promise.all(calls)).filter((it) => it !== null);
  return { got: found.length > 0 ? found.length : null };
}
