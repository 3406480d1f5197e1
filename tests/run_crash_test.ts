/**
 * The promise of pipelines: a run that was acknowledged comes to its end, and a
 * step whose completion is in the journal is not done again. The real process
 * is killed under load, again and again, and what its component wrote down by
 * itself is held against the journals.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Entry } from "../engine/run/journal.ts";
import { chance } from "./_chance.ts";
import { type Journals, keptRuns } from "./_kept_runs.ts";
import { type RunningProcess, startProcess } from "./_process.ts";
import { RunClients } from "./_run_clients.ts";
import { WatchedFolder } from "./_watched_folder.ts";

/** How often the process is killed; `deno task crash` does it more often. */
const KILLS = Number(Deno.env.get("CRASH_KILLS") ?? 5);

/** Clients that begin runs at the same time. */
const CLIENTS = 4;

/** How long runs may take to come to their ends, in milliseconds. */
const END_MS = 60_000;

/** How a pipeline ends. */
const ENDS: Readonly<Record<string, Entry["kind"]>> = {
  work: "completed",
  inner: "completed",
  undo: "failed",
  quick: "completed",
};

/** One execution, as the component wrote it down. */
interface Line {
  readonly key: string;
  readonly pid: number;
  readonly isDone: boolean;
}

/** The application on a folder that outlives its processes. */
class Application implements AsyncDisposable {
  readonly folder: WatchedFolder;
  readonly processes: RunningProcess[] = [];
  readonly #ledger: string;

  constructor(path: string) {
    this.folder = new WatchedFolder(path);
    this.#ledger = join(path, "ledger");
  }

  async start(killed?: AbortSignal): Promise<RunningProcess> {
    const process = await startProcess([
      ...["--config", "tests/documents/crash/crash.yaml"],
      ...["--data", this.folder.path],
      ...["--management-address", "127.0.0.1:0"],
      ...["--log-format", "json"],
    ], {
      env: { LEDGER: this.#ledger, WORKFLOW_TOKEN: "a-token-for-this-test" },
      ...killed === undefined ? {} : { killed },
    });
    this.processes.push(process);
    return process;
  }

  /** Every run that is in the store, which nobody has open. */
  journals(): Promise<Journals> {
    return keptRuns(join(this.folder.path, "store.kv"), "crash");
  }

  async executions(): Promise<readonly Line[]> {
    const text = await Deno.readTextFile(this.#ledger);
    // A line is written at once, and only a whole one counts.
    return text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
  }

  /** What was logged as an error. The last line of a process may be cut off. */
  errors(): string[] {
    return this.processes.flatMap((process) =>
      process.output().split("\n").slice(0, -1).filter((line) =>
        line.startsWith("{") && JSON.parse(line).level === "error"
      )
    );
  }

  async [Symbol.asyncDispose]() {
    for (const process of this.processes) await process.end("SIGKILL");
    await this.folder[Symbol.asyncDispose]();
  }
}

/** Rejects if it takes too long: a run that never ends must not hold the suite. */
async function inTime(
  work: Promise<void>,
  message: () => string,
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(message())), END_MS);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The steps that journals have as completed: the keys of their work. */
function completedIn(journals: Journals): Set<string> {
  const keys = new Set<string>();
  for (const [id, entries] of journals) {
    for (const entry of entries) {
      if (entry.kind === "step.completed") {
        keys.add(`crash/${id}/${entry.step}`);
      }
    }
  }
  return keys;
}

/** Starts, kills after a random number of writes, and looks at what is left. */
async function rounds(
  application: Application,
  clients: RunClients,
  below: (limit: number) => number,
): Promise<void> {
  let seen = 0;
  let completed = new Set<string>();
  for (let kill = 0; kill < KILLS; kill++) {
    const early = new AbortController();
    const isEarly = below(5) === 0;
    const moment = isEarly
      ? application.folder.written(1 + below(6)).then(() => early.abort())
      : undefined;
    try {
      const process = await application.start(early.signal);
      clients.open(process.addresses[0] ?? "");
      await (moment ?? application.folder.written(1 + below(600)));
      await process.end("SIGKILL");
    } catch (error) {
      if (!early.signal.aborted) throw error;
    }
    const lines = await application.executions().catch(() => []);
    assertNotAgain(lines.slice(seen), completed);
    seen = lines.length;
    completed = completedIn(await application.journals());
  }
}

/** Requires that nothing was done that a journal had as completed before. */
function assertNotAgain(
  lines: readonly Line[],
  completed: ReadonlySet<string>,
): void {
  const again = lines.filter(({ key }) => completed.has(key));
  assert.deepEqual(again, [], "done again after its completion was kept");
}

/** Requires that a process does nothing again that it has done. */
function assertOnceAProcess(lines: readonly Line[]): void {
  const done = new Set<string>();
  for (const { key, pid, isDone } of lines) {
    const name = `${pid} ${key}`;
    assert.ok(!done.has(name), `${name} was done twice`);
    if (isDone) done.add(name);
  }
}

/** Requires that every run is over, in the way of its pipeline. */
function assertOver(journals: Journals, lines: readonly Line[]): void {
  const executed = new Set(
    lines.filter(({ isDone }) => isDone).map(({ key }) => key),
  );
  for (const [id, entries] of journals) {
    const [first] = entries;
    const last = entries.at(-1);
    assert.ok(first?.kind === "accepted", id);
    const { pipeline } = first;
    assert.equal(last?.kind, ENDS[pipeline], `${pipeline} ${id}`);
    const steps = entries.flatMap((entry) =>
      entry.kind === "step.completed" ? [entry.step] : []
    );
    assert.equal(new Set(steps).size, steps.length, `${id}: ${steps}`);
    for (const step of WORK[pipeline] ?? []) {
      assert.ok(steps.includes(step), `${id} has no ${step}`);
      assert.ok(executed.has(`crash/${id}/${step}`), `${id} skipped ${step}`);
    }
  }
}

/** The steps of each pipeline that the component does. */
const WORK: Readonly<Record<string, readonly string[]>> = {
  work: [
    ...["first", "flaky", "left", "right", "last"],
    ...[0, 1, 2].flatMap((i) => [`each[${i}]/item`, `each[${i}]/after`]),
  ],
  inner: ["begin", "end"],
  undo: ["one", "two", "two~compensate", "one~compensate", "told"],
  quick: ["only"],
};

Deno.test(`pipelines finish every acknowledged run, each step once, over ${KILLS} kills`, async () => {
  const seed = Number(Deno.env.get("CRASH_SEED") ?? Date.now() % 1_000_000);
  console.log(`CRASH_SEED=${seed}`);
  await using application = new Application(await Deno.makeTempDir());
  const clients = new RunClients(CLIENTS);
  await rounds(application, clients, chance(seed));
  const before = clients.acknowledged.size;
  const last = await application.start();
  clients.open(last.addresses[0] ?? "");
  await application.folder.written(300);
  await inTime(clients.close(), () => {
    const oddities = clients.oddities.join("\n");
    return `runs are not over after ${END_MS} ms\n${oddities}\n${last.output()}`;
  });
  assert.equal(await last.end("SIGTERM"), 0);
  const journals = await application.journals();
  const lines = await application.executions();
  assert.deepEqual(clients.oddities, []);
  assert.deepEqual(application.errors(), []);
  for (const { id, path } of clients.acknowledged.values()) {
    const first = journals.get(id)?.[0];
    assert.ok(first?.kind === "accepted", `run ${id} of ${path} is lost`);
    assert.equal(`/${first.pipeline}`, path);
  }
  assertOnceAProcess(lines);
  assertOver(journals, lines);
  assert.ok(clients.unanswered > 0);
  assert.ok(clients.acknowledged.size > before, "there is progress");
  console.log(`${journals.size} runs, ${lines.length} executions`);
});
