/**
 * Load over HTTP by Debian's `wrk`.
 *
 * @module
 */

/** What `wrk` measured. */
export interface Load {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * Runs `wrk`; `undefined` where it is not installed.
 *
 * @throws {Error} if an answer was no success.
 */
export async function wrk(args: readonly string[]): Promise<Load | undefined> {
  let text: string;
  try {
    const { stdout } = await new Deno.Command("wrk", {
      args: ["--latency", ...args],
    }).output();
    text = new TextDecoder().decode(stdout);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  if (/Non-2xx|Socket errors/.test(text)) {
    throw new Error(`Not all succeeded:\n${text}`);
  }
  return {
    perSecond: Math.round(Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1])),
    p50Ms: quantile(text, 50),
    p99Ms: quantile(text, 99),
  };
}

function quantile(text: string, percent: number): number {
  const pattern = new RegExp(`${percent}%\\s+([\\d.]+)(us|ms|s)`);
  const [, value, unit] = pattern.exec(text) ?? [];
  const factor = unit === "us" ? 0.001 : unit === "s" ? 1_000 : 1;
  return Number(value) * factor;
}
