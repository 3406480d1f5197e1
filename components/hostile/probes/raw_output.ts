// Writes bytes to the output of the host, over which the protocol goes.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  const written = [];
  for (const level of ["log", "info", "error", "debug", "warn", "trace"]) {
    console[level]?.("\u0000\u0000\u0000\u0000 raw");
  }
  const { Deno, process } = globalThis;
  if (Deno !== undefined) written.push("Deno.stdout");
  if (process !== undefined) written.push("process.stdout");
  console.dir?.({});
  console.table?.([]);
  return { got: written.length > 0 ? written : null };
}
