/**
 * The one gate before a commit: format, lint, types, generated files, tests. Says
 * what it runs and how long that took, and shows a tool's output only where the
 * tool fails, which ends the gate.
 *
 * @module
 */
import { join } from "node:path";

/** One tool that must succeed. */
export interface Step {
  readonly name: string;
  /** Arguments of the `deno` that runs the gate. */
  readonly args: readonly string[];
}

/** What the gate runs, cheapest first. */
export const STEPS: readonly Step[] = [
  { name: "format", args: ["fmt", "--check"] },
  { name: "lint", args: ["lint"] },
  { name: "types", args: ["check", "."] },
  {
    name: "generated files",
    args: ["run", "-A", "tools/generate.ts", "--check"],
  },
  // Tests that need servers or a browser are apart: `deno task test:services`
  // and `test:browser`.
  {
    name: "tests",
    args: [
      "test",
      "-A",
      "--parallel",
      "--ignore=tests/services,tests/browser",
    ],
  },
];

/**
 * What is to be run: all of it, or with `--without-tests` what comes before them,
 * for those who run the tests by themselves.
 *
 * @throws {TypeError} if there is another argument.
 */
export function stepsFor(args: readonly string[]): readonly Step[] {
  const other = args.find((arg) => arg !== "--without-tests");
  if (other !== undefined) {
    throw new TypeError(`Cannot take ${other}: there is only --without-tests`);
  }
  return args.length === 0
    ? STEPS
    : STEPS.filter(({ name }) => name !== "tests");
}

const ROOT = join(import.meta.dirname ?? ".", "..");

/** Where the gate writes, and what ends it early. */
export interface GateOptions {
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Ends the running tool, which then counts as failed. */
  readonly signal?: AbortSignal;
}

/**
 * Runs the steps in order and resolves to the exit code: 0 if all succeed, else
 * the code of the first that does not. What the failing tool wrote is passed on,
 * in the order in which it arrived.
 */
export async function runGate(
  steps: readonly Step[],
  { write, signal }: GateOptions,
): Promise<number> {
  const encoder = new TextEncoder();
  const say = (text: string) => write(encoder.encode(text));
  const startedAt = performance.now();
  for (const step of steps) {
    await say(`${step.name}: deno ${step.args.join(" ")} … `);
    const stepStartedAt = performance.now();
    const { code, output } = await run(step, signal);
    const outcome = code === 0 ? "ok" : "FAILED";
    await say(`${outcome} (${secondsSince(stepStartedAt)})\n`);
    if (code === 0) continue;
    for (const chunk of output) await write(chunk);
    const total = secondsSince(startedAt);
    await say(`\nThe gate stops at "${step.name}" after ${total}\n`);
    return code;
  }
  await say(`The gate is passed in ${secondsSince(startedAt)}\n`);
  return 0;
}

async function run(
  step: Step,
  signal: AbortSignal | undefined,
): Promise<{ readonly code: number; readonly output: readonly Uint8Array[] }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...step.args],
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...(signal === undefined ? {} : { signal }),
  }).spawn();
  // The command does not see a signal that was aborted before it was started.
  if (signal?.aborted) child.kill();
  const output: Uint8Array[] = [];
  async function keep(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const chunk of stream) output.push(chunk);
  }
  const [{ code }] = await Promise.all([
    child.status,
    keep(child.stdout),
    keep(child.stderr),
  ]);
  return { code, output };
}

function secondsSince(startedAt: number): string {
  return `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`;
}

async function main(): Promise<void> {
  const stopped = new AbortController();
  // A gate that is stopped takes its tool along and shows how far that came.
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(name, () => stopped.abort());
  }
  const stdout = Deno.stdout.writable.getWriter();
  const code = await runGate(stepsFor(Deno.args), {
    write: (bytes) => stdout.write(bytes),
    signal: stopped.signal,
  });
  Deno.exit(code);
}

if (import.meta.main) await main();
