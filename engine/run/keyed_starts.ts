/**
 * Starts with an idempotency key: a second one leads to the run of the first, on
 * whichever node, and also if that died in between.
 *
 * @module
 */
import type { JsonValue, Store } from "../store/store.ts";
import type { StartOptions } from "./accept.ts";
import type { Elsewhere } from "./elsewhere.ts";
import { keyPlace } from "./places.ts";
import type { RunView } from "./view.ts";

/** What stands under a key. An alias: an interface does not count as JSON. */
type KeyRow = {
  readonly run: string;
  /** Who begins it; absent once it is over. */
  readonly epoch?: number;
};

/** A start that must not happen twice. */
export type KeyedOptions = StartOptions & { readonly idempotencyKey: string };

/** What keyed starts need. */
export interface KeyedStartsOptions {
  readonly store: Store;
  readonly elsewhere: Elsewhere;
  readonly nextId: () => string;
  /** The epoch of this node. Throws if it is none now. */
  readonly own: () => number;
  readonly get: (id: string) => Promise<RunView | undefined>;
  /** Resolves once what is promised of a run lasts, if this node has it. */
  readonly durable: (id: string) => Promise<void>;
  /** Throws if the start would be refused. */
  readonly check: (pipeline: string, input: JsonValue) => void;
  /** Begins a run. In the turn of the call it is settled on which node. */
  readonly start: (
    pipeline: string,
    input: JsonValue,
    options: StartOptions,
    id: string,
  ) => Promise<RunView>;
}

/** See the module comment. */
export class KeyedStarts {
  readonly #options: KeyedStartsOptions;
  /** Those under way, by pipeline and key. */
  readonly #underWay = new Map<string, Promise<RunView>>();

  constructor(options: KeyedStartsOptions) {
    this.#options = options;
  }

  /** The run that has a key, if any does; it may not be there yet, or not any more. */
  async find(
    pipeline: string,
    idempotencyKey: string,
  ): Promise<string | undefined> {
    const { store } = this.#options;
    const entry = await store.get(keyPlace(pipeline, idempotencyKey));
    return (entry?.value as KeyRow | undefined)?.run;
  }

  /** Begins a run, or finds the one that has the key. */
  start(
    pipeline: string,
    input: JsonValue,
    options: KeyedOptions,
  ): Promise<RunView> {
    const name = JSON.stringify([pipeline, options.idempotencyKey]);
    const started = this.#underWay.get(name) ??
      this.#start(pipeline, input, options)
        .finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, started);
    return started;
  }

  /**
   * The row of a key names the run before the run is there: a start that died in
   * between is finished by the next one.
   */
  async #start(
    pipeline: string,
    input: JsonValue,
    options: KeyedOptions,
  ): Promise<RunView> {
    const { store, own, check, nextId, start } = this.#options;
    const key = keyPlace(pipeline, options.idempotencyKey);
    while (true) {
      const epoch = own();
      const entry = await store.get(key);
      const known = entry?.value as KeyRow | undefined;
      if (known !== undefined) {
        await this.#options.durable(known.run);
        const request = { kind: "start", pipeline, input, ...options } as const;
        const found = await this.#options.get(known.run) ??
          await this.#foundElsewhere(known, request);
        if (found === "ask again") continue;
        if (found !== undefined) return found;
      }
      // What is refused must not take the key.
      check(pipeline, input);
      const id = known?.run ?? nextId();
      const isOwn = known?.epoch === epoch || (await store.commit({
        checks: [{ key, version: entry?.version }],
        sets: [{ key, value: { run: id, epoch } }],
      })).ok;
      // Whoever was replaced must not begin it: another may by now.
      if (isOwn && own() === epoch) {
        return await start(pipeline, input, options, id);
      }
    }
  }

  /**
   * Lets another node finish a start of which it has written only the key. Of one
   * that can write no more, everything is to be seen: then nobody begins it but
   * this node.
   */
  async #foundElsewhere(
    { run, epoch }: KeyRow,
    request: Parameters<Elsewhere["urge"]>[1],
  ): Promise<RunView | undefined | "ask again"> {
    const { elsewhere, get, own } = this.#options;
    if (epoch === own()) return undefined;
    const mayBegin = await elsewhere.isAtWork(epoch);
    if (mayBegin && epoch !== undefined) await elsewhere.urge(epoch, request);
    return await get(run) ?? (mayBegin ? "ask again" : undefined);
  }
}
