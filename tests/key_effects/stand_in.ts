/**
 * What stands where a document has user code, or wants something that fails or
 * takes long: simulated, so that it does the same each time.
 *
 * @module
 */
import { z } from "zod";
import { defineModule, type JsonValue } from "../../engine/define.ts";
import { RetryableError } from "../../engine/errors.ts";
import type { Message } from "../../engine/services/broker.ts";
import { Executor } from "../../engine/services/executor.ts";
import { MessageHandler } from "../../engine/services/message_handler.ts";

const standIns = new WeakSet<object>();

/** Whether a service is that of a stand-in: nothing is learnt by asking it. */
export function isStandIn(service: object): boolean {
  return standIns.has(service);
}

/** Its type. */
export const STAND_IN = "key_effects.stand_in";

/** Code that answers with what it was given, fails or is slow, as its input says. */
export const standIn = defineModule({
  type: STAND_IN,
  summary: "Stands where user code would",
  stability: "stable",
  config: z.strictObject({
    fails: z.boolean().default(false).describe("Always fails"),
    sleepMs: z.number().default(0).describe("How long it takes"),
  }),
  provides: [Executor, MessageHandler],
  examples: [],
  create: ({ fails, sleepMs }, { effects, log }) => {
    async function work(given: JsonValue): Promise<JsonValue> {
      log.info(`Given ${JSON.stringify(given)}`);
      if (sleepMs > 0) await effects.clock.sleep(sleepMs);
      if (fails) throw new RetryableError("Failed as it was told to");
      return { ok: true, given };
    }
    const made = {
      isolation: "none" as const,
      execute: (params: Readonly<Record<string, JsonValue | undefined>>) =>
        work(params),
      receive: async ({ payload }: Message) => void await work(payload),
    };
    standIns.add(made);
    return made;
  },
});
