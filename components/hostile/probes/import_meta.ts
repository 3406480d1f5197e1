// Looks for what import.meta tells and does.
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ file }) {
  const got = [];
  for (const name of ["dirname", "filename", "env", "glob", "hot", "log"]) {
    if (import.meta[name] !== undefined) got.push(name);
  }
  for (const name of ["node:fs", "npm:zod", `file://${file}`, "zod"]) {
    try {
      const found = import.meta.resolve(name);
      if (found instanceof Promise) await found;
      if (/work|home|cache/.test(String(found))) got.push(found);
    } catch {
      // It is not known.
    }
  }
  if (/^file:/.test(import.meta.url)) got.push(import.meta.url);
  return { got: got.length > 0 ? got : null };
}
