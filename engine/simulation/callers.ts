/**
 * Those who ask for runs: they start, signal, decide and cancel, ask again where
 * they get no answer, and remember what they were promised.
 *
 * @module
 */
import type { JsonValue } from "../store/store.ts";
import { messageOf } from "../errors.ts";
import type { Chance } from "./chance.ts";
import type { Fault } from "./faults.ts";
import type { Scheduler } from "./scheduler.ts";
import type { SimulatedProcess } from "./simulated_process.ts";
import type { Witness } from "./witness.ts";

/** How long callers wait for an answer before they ask again, in milliseconds. */
const PATIENCE_MS = 4_000;

/** What callers need. */
export interface CallersOptions {
  readonly chance: Chance;
  readonly scheduler: Scheduler;
  readonly witness: Witness;
  readonly pipelines: readonly [string, ...string[]];
  /** Who answers at the moment. */
  readonly process: () => SimulatedProcess | undefined;
  readonly has: (fault: Fault) => boolean;
  readonly say: (line: string) => void;
  readonly violate: (violation: string) => void;
}

/** See the module comment. */
export class Callers {
  /** Runs that were promised. */
  readonly promised = new Set<string>();
  /** Calls that are not answered, by a name for people. */
  readonly open = new Map<string, SimulatedProcess>();
  /** Starts that are to be made until they are answered. */
  #wanted = 0;
  readonly #options: CallersOptions;
  readonly #keyed = new Map<string, string>();
  #calls = 0;

  constructor(options: CallersOptions) {
    this.#options = options;
  }

  /** Whether everybody who insists on an answer has one. */
  get areContent(): boolean {
    return this.#wanted === 0;
  }

  /** A process has died: nobody waits for its answers. */
  forget(process: SimulatedProcess): void {
    for (const [call, to] of this.open) {
      if (to === process) this.open.delete(call);
    }
  }

  /** Asks for a run; one with a key until there is an answer. */
  start(): void {
    const { chance, has, scheduler } = this.#options;
    const pipeline = chance.pick(this.#options.pipelines);
    const input = { n: chance.between(0, 20) };
    if (!chance.percent(60)) return this.#startOnce(pipeline, input);
    const key = `k${chance.between(1, 12)}`;
    this.#insist(pipeline, input, key);
    if (!has("callers") || !chance.percent(40)) return;
    scheduler.after(
      chance.delay(3_000),
      () => this.#insist(pipeline, input, key),
    );
  }

  /** Does something to a run that may not expect it. */
  meddle(): void {
    const { chance, witness, process } = this.#options;
    const ids = [...witness.journals.keys()];
    const [first, ...rest] = ids;
    const to = process();
    if (first === undefined || to === undefined) return;
    const id = chance.pick([first, ...rest]);
    if (chance.percent(65)) return this.signal(to, id, "go");
    const reason = `cancelled by call ${++this.#calls}`;
    this.call(`cancel ${id}`, to, async () => {
      await to.runs.cancel(id, reason);
      this.mustHold(id, reason);
    });
  }

  /** Answers what runs wait for. */
  answer(to: SimulatedProcess, percent: number): void {
    const { chance } = this.#options;
    for (const run of [...to.runs.live()]) {
      for (const live of run.machine?.live.values() ?? []) {
        if (live.kind !== "waiting" || live.signal === undefined) continue;
        if (!chance.percent(percent)) continue;
        if (live.node.approval === undefined) {
          this.signal(to, run.id, live.signal);
          continue;
        }
        const comment = `said in call ${++this.#calls}`;
        const link = {
          id: run.id,
          step: live.path,
          token: run.accepted.token ?? "",
        };
        this.call(`decide ${run.id}`, to, async () => {
          const approved = chance.percent(70);
          await to.runs.decide(link, { approved, comment, by: "somebody" });
          this.mustHold(run.id, comment);
        });
      }
    }
  }

  signal(to: SimulatedProcess, id: string, name: string): void {
    const data = `sent in call ${++this.#calls}`;
    this.call(`signal ${id}`, to, async () => {
      await to.runs.signal(id, name, data);
      this.mustHold(id, data);
    });
  }

  /** Starts without a key: nobody asks a second time. */
  #startOnce(pipeline: string, input: JsonValue): void {
    const to = this.#options.process();
    if (to === undefined) return;
    this.call(`start ${pipeline}`, to, async () => {
      const { summary: { id } } = await to.runs.start(pipeline, input);
      this.#promise(id);
    });
  }

  #insist(pipeline: string, input: JsonValue, key: string): void {
    this.#wanted++;
    const { scheduler } = this.#options;
    let isAnswered = false;
    const ask = () => {
      if (isAnswered) return;
      const to = this.#options.process();
      scheduler.after(PATIENCE_MS, ask);
      if (to === undefined) return;
      this.call(`start ${pipeline} ${key}`, to, async () => {
        const { summary: { id } } = await to.runs.start(pipeline, input, {
          idempotencyKey: key,
        });
        const before = this.#keyed.get(`${pipeline} ${key}`) ?? id;
        this.#keyed.set(`${pipeline} ${key}`, before);
        if (before !== id) {
          this.#options.violate(
            `The key ${key} of ${pipeline} was answered with the runs ${before} and ${id}`,
          );
        }
        this.#promise(id);
        if (isAnswered) return;
        isAnswered = true;
        this.#wanted--;
      });
    };
    ask();
  }

  #promise(id: string): void {
    this.promised.add(id);
    this.mustHold(id, '"kind":"accepted"');
  }

  /** What is acknowledged must be in the store by now. */
  mustHold(id: string, text: string): void {
    const journal = this.#options.witness.journals.get(id) ?? [];
    if (journal.some((entry) => entry.includes(text))) return;
    this.#options.violate(
      `Run ${id} was answered for before ${text} was durable`,
    );
  }

  /** Asks a process for something; its answer is waited for. */
  call(
    name: string,
    to: SimulatedProcess,
    act: () => Promise<void>,
  ): void {
    const { say } = this.#options;
    const call = `${name} (call ${++this.#calls} to ${to.name})`;
    this.open.set(call, to);
    act()
      .then(
        () => say(`${call}: ok`),
        (error) => say(`${call}: ${messageOf(error)}`),
      )
      .finally(() => this.open.delete(call));
  }
}
