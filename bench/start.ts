/**
 * How long the orders example takes from process start to its first 200, and
 * what it weighs when it has nothing to do.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** What was measured. */
export interface StartFigures {
  /** Milliseconds from the start of the process to the first 200; the median. */
  readonly startMs: number;
  /** All of them, sorted. */
  readonly startsMs: readonly number[];
  /** Resident memory when idle, in megabytes (2^20 bytes). */
  readonly idleMb: number;
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** How long the process is left alone before its memory is read. */
const IDLE_MS = 3_000;

/** Starts the example `runs` times, each with an empty store. */
export async function measureStart(runs = 7): Promise<StartFigures> {
  const starts: number[] = [];
  let idleMb = NaN;
  for (let run = 0; run < runs; run++) {
    const isLast = run === runs - 1;
    const { startMs, rssMb } = await startOnce(isLast);
    starts.push(startMs);
    if (isLast) idleMb = rssMb;
  }
  starts.sort((a, b) => a - b);
  return { startMs: starts[runs >> 1] ?? NaN, startsMs: starts, idleMb };
}

async function startOnce(readMemory: boolean) {
  const data = await Deno.makeTempDir();
  const port = freePort();
  const begun = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-P=start",
      "main.ts",
      "--data",
      data,
      "--management-address",
      "127.0.0.1:0",
    ],
    cwd: ROOT,
    env: { ORDERS_ADDRESS: `127.0.0.1:${port}` },
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    await firstAnswer(`http://127.0.0.1:${port}/healthz`);
    const startMs = performance.now() - begun;
    if (!readMemory) return { startMs, rssMb: NaN };
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    return { startMs, rssMb: await rssOf(child.pid) };
  } finally {
    try {
      child.kill("SIGTERM");
    } catch {
      // It has ended by itself, and the question above has failed.
    }
    await child.status;
    await Deno.remove(data, { recursive: true });
  }
}

async function firstAnswer(url: string): Promise<void> {
  for (const until = performance.now() + 20_000; performance.now() < until;) {
    try {
      const response = await fetch(url);
      await response.body?.cancel();
      if (response.status === 200) return;
    } catch {
      // Nobody listens yet: ask again.
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`Cannot measure: ${url} does not answer within 20 s`);
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

async function rssOf(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

if (import.meta.main) {
  const { startMs, startsMs, idleMb } = await measureStart();
  console.log(
    `process start to first 200  ${startMs.toFixed(0)} ms (${
      startsMs.map((ms) => ms.toFixed(0)).join(" ")
    })`,
  );
  console.log(`idle memory                 ${idleMb.toFixed(0)} MB`);
}
