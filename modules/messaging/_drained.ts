/**
 * Waits for the handlers of a broker that closes.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";

/**
 * Resolves when what is being handled is, or with a line in the log after a time.
 *
 * @param whatThen What becomes of the rest, as the end of that line.
 */
export async function drained(
  handled: Promise<unknown>,
  { host, limitMs, whatThen = "" }: {
    readonly host: Pick<Host, "effects" | "log">;
    readonly limitMs: number;
    readonly whatThen?: string;
  },
): Promise<void> {
  const late = new AbortController();
  await Promise.race([
    handled.finally(() => late.abort()),
    host.effects.clock.sleep(limitMs, late.signal).then(
      () =>
        host.log.warn(
          `Still handling messages after ${limitMs} ms${whatThen}`,
        ),
      () => {
        // All is handled.
      },
    ),
  ]);
}
