/**
 * A world that is made from a seed: processes that own the runs of one
 * application, callers, and everything that can go wrong. First there is chaos,
 * then calm, in which everything that was promised must come to its end.
 *
 * Longer than 400 lines because all that can happen in a world is decided here,
 * from one seed.
 *
 * @module
 */
import type { StepContext } from "../define.ts";
import { LEASE_MS } from "../run/neighbours.ts";
import { pipelinesOf } from "../run/programs.ts";
import { memoryStore } from "../store/memory.ts";
import type { JsonValue, Store } from "../store/store.ts";
import { Callers } from "./callers.ts";
import { Chance } from "./chance.ts";
import { Debuggers } from "./debuggers.ts";
import { type Fault, FAULTS } from "./faults.ts";
import { generateDocument } from "./generate_document.ts";
import { outcomeOf } from "./outcomes.ts";
import { planOf } from "./plan_of.ts";
import { Scheduler, TURNS_DEFAULT } from "./scheduler.ts";
import { type Plant, SimulatedProcess, START_MS } from "./simulated_process.ts";
import { verifyBreakpoints, verifyRest, verifyRuns } from "./verification.ts";
import { wakeUpOf } from "./wake_up.ts";
import { Witness } from "./witness.ts";

/** How long a world may take to come to rest, in milliseconds of its own. */
const CALM_MS_MAX = 1_800_000;

/** How long a process may not know that it was replaced, in milliseconds. */
const UNAWARE_MS_MAX = 120_000;

/** By how much the clocks of several machines may differ from their mean, in milliseconds. */
const SKEW_MS = 30_000;

/** How a world is made. */
export interface WorldOptions {
  readonly seed: number;
  /** What may go wrong; a seed takes its choice of these. @default all */
  readonly faults?: readonly Fault[];
  readonly plant?: Plant;
  /** Told of everything that happens. */
  readonly onLine?: (line: string) => void;
}

/** What came of a world. */
export interface WorldResult {
  readonly seed: number;
  /** What must not have happened; empty if all is well. */
  readonly violations: readonly string[];
  /** Of everything that happened; the same for the same seed. */
  readonly hash: string;
  /** Runs that came to their end. */
  readonly runs: number;
  readonly happened: number;
  readonly faults: readonly Fault[];
}

/** Lets a world happen from its beginning to its end. */
export function runWorld(options: WorldOptions): Promise<WorldResult> {
  return new World(options).run();
}

class World {
  readonly #options: WorldOptions;
  readonly #chance: Chance;
  readonly #outcomes: Chance;
  readonly #scheduler: Scheduler;
  readonly #store: Store;
  readonly #witness: Witness;
  readonly #callers: Callers;
  readonly #plan;
  readonly #faults: ReadonlySet<Fault>;
  /** How many processes are at work at a time. */
  readonly #nodes: number;
  readonly #stops: boolean;
  /** Attempts that have begun, by who has begun them. */
  readonly #begun = new Set<string>();
  readonly #violations: string[] = [];
  #processes: SimulatedProcess[] = [];
  #booted = 0;
  #offsetMs = 0;
  #isCalm = false;
  #calmAtMs = 0;
  #hash = 0x811c9dc5;

  constructor(options: WorldOptions) {
    this.#options = options;
    const chance = new Chance(Math.imul(options.seed, 0x9e3779b1));
    this.#chance = chance;
    this.#outcomes = chance.fork();
    const turns = chance.fork();
    const faults = options.faults ?? FAULTS;
    // With chance of its own, so that a world of one process stays what it was.
    const others = new Chance(Math.imul(options.seed, 0x85ebca6b));
    this.#nodes = faults.includes("nodes") && others.percent(40)
      ? others.between(2, 3)
      : 1;
    // The same, so that one without breakpoints does.
    const stops = new Chance(Math.imul(options.seed, 0xc2b2ae35));
    this.#stops = faults.includes("breakpoints") && stops.percent(40);
    this.#faults = new Set([
      ...faults.filter((fault) =>
        fault !== "nodes" && fault !== "breakpoints" && chance.percent(60)
      ),
      ...this.#nodes > 1 ? ["nodes" as const] : [],
      ...this.#stops ? ["breakpoints" as const] : [],
    ]);
    this.#scheduler = new Scheduler(() =>
      this.#has("rush") ? turns.between(10, 40) : TURNS_DEFAULT
    );
    this.#store = memoryStore({
      now: () => START_MS + this.#scheduler.nowMs,
    });
    this.#witness = new Witness((violation) => this.#violate(violation));
    const document = generateDocument(chance.fork());
    this.#plan = planOf(document);
    this.#callers = new Callers({
      ...{ chance: chance.fork(), scheduler: this.#scheduler },
      witness: this.#witness,
      pipelines: Object.keys(
        document.pipelines as Record<string, unknown>,
      ) as [string, ...string[]],
      process: () => this.#anyone(),
      has: (fault) => this.#has(fault),
      say: (line) => this.#say(line),
      violate: (violation) => this.#violate(violation),
    });
    if (this.#stops) this.#debuggers(stops.fork()).begin();
  }

  #debuggers(chance: Chance): Debuggers {
    return new Debuggers({
      ...{ chance, scheduler: this.#scheduler, witness: this.#witness },
      callers: this.#callers,
      programs: pipelinesOf(this.#plan.plan).map(({ program }) => program),
      process: () => this.#anyone(),
      processes: () =>
        this.#processes.filter((process) => this.#isAtWork(process)),
      has: (fault) => this.#has(fault),
      violate: (violation) => this.#violate(violation),
    });
  }

  async run(): Promise<WorldResult> {
    const chaosMs = this.#chance.between(5_000, 60_000);
    for (let i = 0; i < this.#nodes; i++) this.#boot();
    this.#scheduleCallers(chaosMs);
    if (this.#faults.size > 0) this.#scheduleMishap();
    await this.#scheduler.run(() => false, chaosMs);
    this.#say("calm");
    this.#isCalm = true;
    this.#calmAtMs = this.#scheduler.nowMs;
    for (const process of this.#processes) process.resume();
    this.#keepServing();
    const isOver = await this.#scheduler.run(
      () => this.#isOver(),
      CALM_MS_MAX,
    );
    if (isOver) await this.#verify();
    else this.#explain();
    return {
      seed: this.#options.seed,
      violations: this.#violations,
      hash: (this.#hash >>> 0).toString(16).padStart(8, "0"),
      runs: this.#witness.archived.size,
      happened: this.#scheduler.happened,
      faults: [...this.#faults],
    };
  }

  #has(fault: Fault): boolean {
    return !this.#isCalm && this.#faults.has(fault);
  }

  #boot(): void {
    const name = `P${++this.#booted}`;
    const { plan, recompile } = this.#plan;
    const process: SimulatedProcess = new SimulatedProcess({
      name,
      scheduler: this.#scheduler,
      chance: this.#chance.fork(),
      store: this.#store,
      pipelines: pipelinesOf(plan),
      recompile,
      witness: this.#witness,
      has: (fault) => this.#has(fault),
      onWork: (process, context) => this.#work(process, context),
      say: (line) => this.#say(line),
      isShared: this.#nodes > 1,
      stops: this.#stops,
      plant: this.#options.plant,
    });
    process.offsetMs = this.#offsetMs;
    this.#processes.push(process);
    this.#say(`${name} boots`);
    process.boot().then(
      () => this.#say(`${name} is open`),
      (error) => {
        if (!process.isAlive) return;
        this.#say(`${name} cannot boot: ${error}`);
        this.#kill(process);
        this.#scheduler.after(1_000, () => this.#bootIfNone());
      },
    );
  }

  #bootIfNone(): void {
    while (this.#processes.length < this.#nodes) this.#boot();
  }

  /** Somebody to ask: mostly one who can answer. */
  #anyone(): SimulatedProcess | undefined {
    const [first, ...rest] = this.#isCalm
      ? this.#processes.filter((process) => this.#isAtWork(process))
      : this.#processes;
    if (first === undefined) return undefined;
    return this.#nodes === 1
      ? this.#isCalm ? this.#owner() : this.#processes.at(-1)
      : this.#chance.pick([first, ...rest]);
  }

  /** The clocks of several machines are never the same. */
  #skewMs(): number {
    return this.#nodes > 1 ? this.#chance.between(-SKEW_MS, SKEW_MS) : 0;
  }

  #isAtWork({ isOpen, isClosing, epoch }: SimulatedProcess): boolean {
    return isOpen && !isClosing && this.#witness.isAtWork(epoch);
  }

  #kill(process: SimulatedProcess): void {
    process.kill();
    this.#callers.forget(process);
    this.#processes = this.#processes.filter((other) => other !== process);
  }

  #scheduleCallers(chaosMs: number): void {
    const chance = this.#chance;
    const starts = chance.between(3, 14);
    for (let i = 0; i < starts; i++) {
      // Some come together, most do not.
      const atMs = chance.percent(30) ? 100 : chance.between(0, chaosMs);
      this.#scheduler.after(atMs, () => this.#callers.start());
    }
    const tick = () => {
      this.#scheduler.after(1_000, tick);
      for (const to of this.#asked()) {
        this.#callers.answer(to, this.#isCalm ? 100 : 30);
      }
      if (this.#has("callers") && chance.percent(30)) this.#callers.meddle();
    };
    tick();
  }

  /** Those whose runs are answered. */
  #asked(): readonly SimulatedProcess[] {
    if (this.#nodes > 1) return this.#processes;
    const one = this.#isCalm ? this.#owner() : this.#processes.at(-1);
    return one === undefined ? [] : [one];
  }

  #scheduleMishap(): void {
    const chance = this.#chance;
    this.#scheduler.after(chance.between(200, 12_000), () => {
      if (this.#isCalm) return;
      this.#mishap(chance.weighted({
        crash: this.#has("crash") ? 4 : 0,
        restart: this.#has("restart") ? 2 : 0,
        pause: this.#has("pause") ? 4 : 0,
        clock: this.#has("clock") ? 3 : 0,
        none: 1,
      }));
      this.#scheduleMishap();
    });
  }

  #mishap(kind: "crash" | "restart" | "pause" | "clock" | "none"): void {
    const chance = this.#chance;
    const [first, ...rest] = this.#processes;
    if (first === undefined || kind === "none") return;
    const process = this.#nodes > 1
      ? chance.pick([first, ...rest])
      : rest.at(-1) ?? first;
    this.#say(`${kind} of ${process.name}`);
    switch (kind) {
      case "crash":
        this.#kill(process);
        return void this.#scheduler.after(
          chance.delay(4_000),
          () => this.#bootIfNone(),
        );
      case "restart":
        if (process.isOpen && !process.isPaused) this.#restart(process);
        return;
      case "pause":
        if (process.isClosing) return;
        process.pause();
        if (this.#nodes > 1) {
          // Past its lease, or not: then others go on with its runs, or do not.
          return void this.#scheduler.after(
            chance.between(100, 40_000),
            () => process.resume(),
          );
        }
        if (chance.percent(70)) {
          this.#scheduler.after(chance.delay(3_000), () => this.#boot());
        }
        return void this.#scheduler.after(
          chance.between(100, 15_000),
          () => process.resume(),
        );
      case "clock":
        this.#offsetMs += chance.percent(50)
          ? chance.delay(86_400_000)
          : -chance.delay(60_000);
        for (const one of this.#processes) {
          one.offsetMs = this.#offsetMs + this.#skewMs();
        }
        return;
    }
  }

  #restart(process: SimulatedProcess): void {
    const graceMs = this.#chance.pick([0, 1_000, 10_000]);
    const isAsked = ([, to]: readonly [string, SimulatedProcess]) =>
      to === process;
    process.isClosing = true;
    const close = async () => {
      await process.runs.close(graceMs);
      this.#say(`${process.name} is closed`);
      const asked = [...this.#callers.open].filter(isAsked);
      await this.#scheduler.sleep(5_000);
      if (!process.isAlive) return;
      for (const [call] of asked) {
        if (!this.#callers.open.has(call)) continue;
        this.#violate(`${call} got no answer from a process that closed`);
      }
      this.#kill(process);
      this.#bootIfNone();
    };
    close().catch((error) =>
      this.#violate(`${process.name} could not close: ${error}`)
    );
  }

  #owner(): SimulatedProcess | undefined {
    return this.#processes.find((process) => this.#isAtWork(process));
  }

  /** In the calm, somebody owns the runs and is there. */
  #keepServing(): void {
    const look = () => {
      if (this.#nodes > 1) {
        this.#bootIfNone();
        return void this.#scheduler.after(1_000, look);
      }
      const owner = this.#owner();
      const isBooting = this.#processes.some(({ isOpen }) => !isOpen);
      if (owner !== undefined && !isBooting) {
        for (const process of this.#processes) {
          if (process !== owner) this.#leave(process);
        }
      } else if (!isBooting) {
        for (const process of this.#processes) this.#leave(process);
        this.#boot();
      }
      this.#scheduler.after(1_000, look);
    };
    this.#scheduler.after(2_000, look);
  }

  /** One who lost the runs still answers everybody, with a refusal. */
  #leave(process: SimulatedProcess): void {
    const asked = [...this.#callers.open].some(([, to]) => to === process);
    // It finds out when it writes something, such as the end of a step.
    if (asked && this.#scheduler.nowMs < this.#calmAtMs + UNAWARE_MS_MAX) {
      return;
    }
    for (const [call, to] of this.#callers.open) {
      if (to === process) {
        this.#violate(`${call} got no answer from a process that was replaced`);
      }
    }
    this.#kill(process);
  }

  #isOver(): boolean {
    const { journals, archived } = this.#witness;
    if (!this.#callers.areContent) return false;
    if (this.#owner() === undefined) return false;
    for (const to of this.#callers.open.values()) {
      if (this.#isAtWork(to)) return false;
    }
    for (const [id, journal] of journals) {
      if (!archived.has(id)) return false;
      const last = journal.at(-1);
      if (last === undefined) return false;
    }
    return true;
  }

  /** Nothing happens any more, or too much: says what is not over, and why. */
  #explain(): void {
    const process = this.#owner();
    for (const [id, journal] of this.#witness.journals) {
      if (this.#witness.archived.has(id)) continue;
      const run = (this.#nodes > 1 ? this.#processes : [process])
        .map((process) => process?.runs.find(id)).find((run) => run);
      this.#violate(
        `Run ${id} is not over; it waits for ${
          run === undefined ? "NOTHING: nobody has it" : wakeUpOf(run)
        }; its last entry is ${journal.at(-1)}`,
      );
    }
    for (const [call] of this.#callers.open) {
      this.#violate(`${call} got no answer`);
    }
    if (!this.#callers.areContent) {
      this.#violate("A start with a key was never answered with a run");
    }
  }

  async #verify(): Promise<void> {
    // The log is shortened a while after the last run was kept.
    await this.#settled(5_000);
    const verified = {
      store: this.#store,
      witness: this.#witness,
      callers: this.#callers,
      scheduler: this.#scheduler,
      nodes: this.#nodes,
      violate: (violation: string) => this.#violate(violation),
    };
    await verifyRest(verified);
    const owner = this.#owner();
    if (owner === undefined) return;
    await verifyRuns(owner, verified);
    // And the same after one more restart.
    for (const process of this.#processes) this.#kill(process);
    this.#boot();
    const last = this.#processes.at(-1);
    if (last === undefined) return;
    await this.#scheduler.run(() => last.isOpen, 60_000);
    await this.#settled(0);
    for (const run of last.runs.live()) {
      this.#violate(`Run ${run.id} has come to life again`);
    }
    await verifyRuns(last, verified);
    await verifyBreakpoints(last, verified);
  }

  /** Lets time pass; with several nodes, so much that those that died are adopted. */
  async #settled(ms: number): Promise<void> {
    const leaseMs = this.#nodes > 1 ? 2 * LEASE_MS : 0;
    await this.#scheduler.run(() => false, ms + leaseMs);
  }

  #work(
    process: SimulatedProcess,
    context: StepContext,
  ): JsonValue | Promise<JsonValue> {
    const { runId, step, attempt } = context;
    this.#say(`${process.name} does ${runId} ${step} #${attempt}`);
    const isOwner = this.#witness.isAtWork(process.epoch);
    if (isOwner && this.#witness.paused.has(runId)) {
      this.#violate(`Step ${step} of run ${runId} begins while it is paused`);
    }
    if (isOwner && this.#witness.completed.has(`${runId} ${step}`)) {
      this.#violate(
        `Step ${step} of run ${runId} is done again after its completion`,
      );
    }
    const name = `${process.epoch} ${runId} ${step} #${attempt}`;
    if (isOwner && this.#begun.has(name)) {
      this.#violate(`${process.name} does ${runId} ${step} #${attempt} twice`);
    }
    this.#begun.add(name);
    return outcomeOf(process, context, {
      chance: this.#outcomes,
      isBad: this.#has("steps"),
    });
  }

  #violate(violation: string): void {
    this.#violations.push(violation);
    this.#say(`VIOLATION: ${violation}`);
  }

  #say(line: string): void {
    const text = `${this.#scheduler.nowMs} ${line}`;
    for (let i = 0; i < text.length; i++) {
      this.#hash = Math.imul(this.#hash ^ text.charCodeAt(i), 0x01000193);
    }
    this.#options.onLine?.(text);
  }
}
