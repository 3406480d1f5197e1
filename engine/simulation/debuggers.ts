/**
 * Those who look for faults: they set breakpoints and remove them again, look at
 * the runs that stop there, give steps something else, and let runs go on, or
 * forget them.
 *
 * @module
 */
import { placesIn, type StepPlace } from "../run/step_scope.ts";
import type { Program } from "../pipeline/program.ts";
import type { JsonValue } from "../store/store.ts";
import { wakeSource } from "../run/wake_source.ts";
import type { Callers } from "./callers.ts";
import type { Chance } from "./chance.ts";
import type { Fault } from "./faults.ts";
import type { Scheduler } from "./scheduler.ts";
import type { SimulatedProcess } from "./simulated_process.ts";
import type { Witness } from "./witness.ts";

/** The longest that a run stands at a breakpoint of a world, in milliseconds. */
const PAUSE_MS_MAX = 5_000;

/** How often something is done, and looked at, in milliseconds. */
const TICK_MS = 500;

/** So many looks in a row at a run that nothing will wake are no coincidence. */
const LOOKS_MAX = 40;

/** What debuggers need. */
export interface DebuggersOptions {
  readonly chance: Chance;
  readonly scheduler: Scheduler;
  readonly witness: Witness;
  readonly callers: Callers;
  readonly programs: readonly Program[];
  /** Who answers at the moment. */
  readonly process: () => SimulatedProcess | undefined;
  /** All who are at work. */
  readonly processes: () => readonly SimulatedProcess[];
  readonly has: (fault: Fault) => boolean;
  readonly violate: (violation: string) => void;
}

/** See the module comment. */
export class Debuggers {
  readonly #options: DebuggersOptions;
  /** The steps at which a run can stop: a pipeline, and the step. */
  readonly #steps: readonly (readonly [pipeline: string, StepPlace])[];
  /** Runs that stood and that nothing would wake, and how often they did. */
  readonly #asleep = new Map<string, number>();
  #edits = 0;

  constructor(options: DebuggersOptions) {
    this.#options = options;
    this.#steps = options.programs.flatMap((program) =>
      [...placesIn(program).values()]
        .filter(({ node: { kind } }) => kind === "task" || kind === "wait")
        .map((place) => [program.id, place] as const)
    );
  }

  /** Begins; whoever has set breakpoints may leave them behind. */
  begin(): void {
    const { chance, scheduler, has } = this.#options;
    let isBusy = true;
    // Else nobody is left, and runs must go on by themselves.
    const stays = chance.percent(50);
    const tick = () => {
      scheduler.after(TICK_MS, tick);
      this.#watch();
      if (has("breakpoints")) return this.#act();
      if (isBusy && stays) this.#removeAll();
      isBusy = false;
      if (stays && chance.percent(20)) this.#letGo();
    };
    tick();
  }

  #act(): void {
    switch (
      this.#options.chance.weighted({
        ...{ set: 15, remove: 4, turn: 3, letGo: 20, none: 40 },
      })
    ) {
      case "set":
        return this.#set();
      case "remove":
        return this.#change("remove");
      case "turn":
        return this.#change("enable");
      case "letGo":
        return this.#letGo();
    }
  }

  #set(): void {
    const { chance, witness, callers, process, violate } = this.#options;
    const [first, ...rest] = this.#steps;
    const to = process();
    if (first === undefined || to === undefined) return;
    const [pipeline, { node, loops }] = chance.pick([first, ...rest]);
    const isOne = loops.length === 1 && chance.percent(20);
    const step = isOne ? `${loops[0]}[1]/${node.id}` : node.id;
    const request = {
      ...{ pipeline, step, once: chance.percent(40) },
      ...chance.percent(30) ? { condition: "input.n % 2 == 0" } : {},
      autoResumeMs: 1 + chance.delay(PAUSE_MS_MAX),
    };
    callers.call(`stop at ${pipeline}/${step}`, to, async () => {
      const { id } = await to.runs.breakpoints.set(request);
      if (witness.breakpointsSet.has(id)) return;
      violate(`The breakpoint ${id} was answered for, and is not kept`);
    });
  }

  #change(verb: "remove" | "enable"): void {
    const { chance, witness, callers, process } = this.#options;
    const [first, ...rest] = witness.breakpoints;
    const to = process();
    if (first === undefined || to === undefined) return;
    const id = chance.pick([first, ...rest]);
    const isOn = chance.percent(50);
    callers.call(`${verb} ${id}`, to, async () => {
      const { breakpoints } = to.runs;
      if (verb === "remove") await this.#remove(to, id);
      else await breakpoints.enable(id, isOn);
    });
  }

  async #remove(to: SimulatedProcess, id: string): Promise<void> {
    const { witness, violate } = this.#options;
    await to.runs.breakpoints.remove(id);
    if (witness.breakpoints.has(id)) {
      violate(`The breakpoint ${id} was removed, and is there`);
    }
  }

  #removeAll(): void {
    const { witness, callers, process } = this.#options;
    const to = process();
    if (to === undefined) return;
    for (const id of witness.breakpoints) {
      callers.call(`remove ${id}`, to, () => this.#remove(to, id));
    }
  }

  /** Lets a run that stands go on, perhaps with something else. */
  #letGo(): void {
    const { chance, witness, callers, process } = this.#options;
    const [first, ...rest] = witness.paused;
    const to = process();
    if (first === undefined || to === undefined) return;
    const [id, step] = chance.pick([first, ...rest]);
    const given = chance.percent(30) ? this.#given(id, step) : undefined;
    const how = chance.percent(50) ? "step" : "continue";
    callers.call(`${how} ${id} at ${step}`, to, async () => {
      const request = { how, step } as const;
      const edit = given === undefined ? {} : { with: given };
      await to.runs.resume(id, { ...request, ...edit });
      const sent = given === undefined
        ? `"how":"${how}"`
        : `"with":${JSON.stringify(given)}`;
      callers.mustHold(id, sent);
    });
  }

  /** What a step could be given; nothing that others have sent before. */
  #given(id: string, step: string): JsonValue | undefined {
    const accepted = JSON.parse(
      this.#options.witness.journals.get(id)?.[0] ?? "{}",
    ) as { readonly pipeline?: string };
    const name = step.slice(step.lastIndexOf("/") + 1);
    const found = this.#steps.find(([pipeline, { node }]) =>
      pipeline === accepted.pipeline && node.id === name
    );
    const node = found?.[1].node;
    if (node?.kind !== "task") return undefined;
    const { target } = node.task;
    if (target.kind === "pipeline") return { n: 100 + ++this.#edits };
    return target.kind === "step" && target.type === "sim.set"
      ? { value: `edit ${++this.#edits}` }
      : {};
  }

  /** A run that stands has something that will wake it. */
  #watch(): void {
    const { processes, violate } = this.#options;
    const asleep = new Set<string>();
    for (const process of processes()) {
      if (process.isPaused) continue;
      for (const run of process.runs.live()) {
        const stands = run.machine?.pause !== undefined;
        if (!stands || wakeSource(run).size > 0) continue;
        const name = `${process.name} ${run.id}`;
        asleep.add(name);
        const looks = (this.#asleep.get(name) ?? 0) + 1;
        this.#asleep.set(name, looks);
        if (looks === LOOKS_MAX) {
          violate(`Run ${run.id} is paused, and nothing will wake it`);
        }
      }
    }
    for (const name of this.#asleep.keys()) {
      if (!asleep.has(name)) this.#asleep.delete(name);
    }
  }
}
