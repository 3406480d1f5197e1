/**
 * Writes a line of the ledger for every time that it is called, on the disk before
 * it answers. It fails so many times in each process before it succeeds.
 *
 * @module
 */
import type { ComponentContext } from "../../../../components/sdk.ts";

const calls = new Map<string, number>();

export const contract = { optionalInputs: { fails: "int" } };

export function execute(
  { fails = 0 }: { readonly fails?: number },
  { idempotencyKey, env }: ComponentContext,
) {
  const call = (calls.get(idempotencyKey) ?? 0) + 1;
  calls.set(idempotencyKey, call);
  const isDone = call > fails;
  append(env("LEDGER") ?? "", { key: idempotencyKey, pid: Deno.pid, isDone });
  if (!isDone) throw new Error(`Call ${call} fails`);
  return { key: idempotencyKey };
}

function append(path: string, line: unknown): void {
  using file = Deno.openSync(path, { append: true, create: true });
  file.writeSync(new TextEncoder().encode(`${JSON.stringify(line)}\n`));
  file.syncDataSync();
}
