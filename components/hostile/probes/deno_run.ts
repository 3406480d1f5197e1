// Runs a program and sends a signal to the engine.
// deno-lint-ignore-file
// @ts-nocheck

export function execute({ pid }) {
  const got = [];
  try {
    got.push(new Deno.Command("id").outputSync().code);
  } catch {
    // Refused.
  }
  try {
    Deno.kill(Number(pid), "SIGTERM");
    got.push("killed");
  } catch {
    // Refused.
  }
  return { got: got.length > 0 ? got : null };
}
