/**
 * Lets runs begin: as many of a pipeline at a time, and in a time, as it says.
 * The others wait in order of priority, then of acceptance.
 *
 * @module
 */
import type { Clock } from "../effects.ts";
import type { ExpressionError } from "../expression/expression_error.ts";
import type { Bound, Program } from "../pipeline/program.ts";
import type { JsonValue } from "../store/store.ts";
import type { Run } from "./run.ts";
import type { Timers } from "./timers.ts";

/** The runs of one pipeline, or of one key of it. */
interface Gate {
  /** Under way. */
  running: number;
  /** When runs began, as far back as the rate counts, oldest first. */
  readonly began: number[];
  /** How far back that is, in milliseconds. */
  readonly perMs: number;
  /** The next to begin is the last. */
  readonly waiting: Run[];
  isArmed: boolean;
}

/** See the module comment. */
export class Admission {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #begin: (run: Run) => void;
  readonly #gates = new Map<string, Gate>();
  readonly #inside = new Map<Run, Gate>();
  #sweptAt = GATES_SWEPT;

  /** @param begin Called for a run whose turn has come. */
  constructor(clock: Clock, timers: Timers, begin: (run: Run) => void) {
    this.#clock = clock;
    this.#timers = timers;
    this.#begin = begin;
  }

  /** Whether the run may begin now; if not, `begin` is called when it may. */
  admit(run: Run, program: Program): boolean {
    if (program.concurrency === undefined && program.rateLimit === undefined) {
      return true;
    }
    const gate = this.#gateOf(run, program);
    if (gate.waiting.length === 0 && this.#hasRoom(gate, program)) {
      this.#enter(run, gate, program);
      return true;
    }
    run.isPending = true;
    enqueue(gate.waiting, run);
    this.#arm(gate, program);
    return false;
  }

  /** A run that was under way before counts, even if there is no room. */
  resume(run: Run, program: Program): void {
    if (program.concurrency === undefined) return;
    const gate = this.#gateOf(run, program);
    gate.running++;
    this.#inside.set(run, gate);
  }

  /** A run is over, or will never begin. */
  leave(run: Run, program: Program): void {
    const gate = this.#inside.get(run);
    if (gate !== undefined) {
      this.#inside.delete(run);
      gate.running--;
      return this.#next(gate, program);
    }
    if (!run.isPending) return;
    run.isPending = false;
    const own = this.#gateOf(run, program);
    const index = own.waiting.indexOf(run);
    if (index >= 0) own.waiting.splice(index, 1);
  }

  /** What a pending run waits for, for people. */
  reason(run: Run, program: Program): string {
    const gate = this.#gateOf(run, program);
    const ahead = gate.waiting.length - 1 - gate.waiting.indexOf(run);
    const { concurrency, rateLimit } = program;
    const full = concurrency !== undefined && gate.running >= concurrency.limit;
    const what = full
      ? `${gate.running} runs are under way, the limit of concurrency is ${concurrency.limit}`
      : `${rateLimit?.limit ?? 0} runs began in the last ${
        rateLimit?.perMs ?? 0
      } ms, the limit of rateLimit`;
    return `${what}; ${ahead} ${ahead === 1 ? "run is" : "runs are"} before it`;
  }

  #next(gate: Gate, program: Program): void {
    while (gate.waiting.length > 0 && this.#hasRoom(gate, program)) {
      const run = gate.waiting.pop();
      if (run === undefined) return;
      run.isPending = false;
      this.#enter(run, gate, program);
      this.#begin(run);
    }
    this.#arm(gate, program);
  }

  #enter(run: Run, gate: Gate, { concurrency, rateLimit }: Program): void {
    if (rateLimit !== undefined) gate.began.push(this.#clock.now());
    if (concurrency === undefined) return;
    gate.running++;
    this.#inside.set(run, gate);
  }

  #hasRoom(gate: Gate, program: Program): boolean {
    if (isFull(gate, program)) return false;
    const { rateLimit } = program;
    if (rateLimit === undefined) return true;
    const now = this.#clock.now();
    const oldest = now - rateLimit.perMs;
    const { began } = gate;
    // What lies in the future began before the clock was set back.
    while (began[0] !== undefined && (began[0] <= oldest || began[0] > now)) {
      began.shift();
    }
    return began.length < rateLimit.limit;
  }

  /** Looks again when the rate lets the next run begin. */
  #arm(gate: Gate, program: Program): void {
    const { rateLimit } = program;
    const [first] = gate.began;
    if (gate.isArmed || gate.waiting.length === 0) return;
    // Whoever leaves lets the next in: time alone does not.
    if (isFull(gate, program)) return;
    if (rateLimit === undefined || first === undefined) return;
    if (gate.began.length < rateLimit.limit) return;
    gate.isArmed = true;
    this.#timers.add(first + rateLimit.perMs, () => {
      gate.isArmed = false;
      this.#next(gate, program);
    });
  }

  #gateOf(run: Run, program: Program): Gate {
    const name = JSON.stringify([
      program.id,
      keyOf(program.concurrency, run.accepted.input),
      keyOf(program.rateLimit, run.accepted.input),
    ]);
    let gate = this.#gates.get(name);
    if (gate === undefined) {
      gate = {
        ...{ running: 0, began: [], waiting: [], isArmed: false },
        perMs: program.rateLimit?.perMs ?? 0,
      };
      this.#gates.set(name, gate);
      this.#forgetIdle();
    }
    return gate;
  }

  /** Keys come and go: gates that nobody uses must not pile up. */
  #forgetIdle(): void {
    if (this.#gates.size < this.#sweptAt) return;
    const now = this.#clock.now();
    for (const [name, gate] of this.#gates) {
      const { running, waiting, began, perMs } = gate;
      const last = began.at(-1) ?? -Infinity;
      const isIdle = running === 0 && waiting.length === 0 &&
        last + perMs <= now;
      if (isIdle) this.#gates.delete(name);
    }
    // Twice as many as are used: looking must not cost more than it saves.
    this.#sweptAt = Math.max(GATES_SWEPT, 2 * this.#gates.size);
  }
}

/** Whether as many runs are under way as may be. */
function isFull({ running }: Gate, { concurrency }: Program): boolean {
  return concurrency !== undefined && running >= concurrency.limit;
}

/** From so many gates on, idle ones are looked for. */
const GATES_SWEPT = 1_000;

function keyOf(bound: Bound | undefined, input: JsonValue): JsonValue {
  if (bound?.key === undefined) return null;
  try {
    return bound.key.evaluate({ input });
  } catch (error) {
    // A key that cannot be worked out shares one gate with others like it.
    return (error as ExpressionError).message;
  }
}

/** Keeps the list in order: the last begins next. */
function enqueue(waiting: Run[], run: Run): void {
  let low = 0;
  let high = waiting.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = waiting[middle];
    if (other !== undefined && isLater(other, run)) low = middle + 1;
    else high = middle;
  }
  waiting.splice(low, 0, run);
}

function isLater(a: Run, b: Run): boolean {
  const { priority } = a.accepted;
  if (priority !== b.accepted.priority) return priority < b.accepted.priority;
  return a.id > b.id;
}
