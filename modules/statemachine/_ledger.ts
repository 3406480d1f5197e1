/**
 * Makes and changes instances on behalf of callers: decides, commits, and starts
 * over where another process was faster.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { RefusedError } from "@engine/errors.ts";
import type {
  CreateOptions,
  FireOptions,
  MachineData,
  MachineInstance,
} from "@engine/services/state_machines.ts";
import type { MachineDefinition } from "@engine/state/definition.ts";
import {
  type Accepted,
  accepted,
  askedFor,
  createInstance,
  decide,
  type Refused,
} from "@engine/state/transition.ts";
import {
  type Attachment,
  type Change,
  type Committer,
  CONFLICTS_MAX,
} from "./_committer.ts";
import { detach } from "./_detach.ts";
import type { Present } from "./_present.ts";
import type { InstanceRow, Key } from "./_rows.ts";
import type { Strays } from "./_strays.ts";
import type { Turns } from "../_turns.ts";

const NOTHING: MachineData = {};
const NO_STEP: Pick<Change, "step"> = {};

/** What a ledger works with. */
export interface LedgerParts {
  readonly host: Host;
  readonly present: () => Present;
  readonly committer: Committer;
  readonly turns: Turns;
  readonly strays: Strays;
}

/** See the module comment. */
export class Ledger {
  readonly #clock: Host["effects"]["clock"];
  readonly #present: () => Present;
  readonly #committer: Committer;
  readonly #turns: Turns;
  readonly #strays: Strays;

  constructor({ host, present, committer, turns, strays }: LedgerParts) {
    this.#clock = host.effects.clock;
    this.#present = present;
    this.#committer = committer;
    this.#turns = turns;
    this.#strays = strays;
  }

  /** @throws {RefusedError} as `StateMachines.create` does. */
  async create(
    definition: string,
    id: string,
    data: MachineData,
    { state, fire, source }: CreateOptions = {},
  ): Promise<MachineInstance> {
    const creation = askedFor(
      this.#begin(definition, id, data, state),
      source,
    );
    const first = fire === undefined
      ? NO_STEP
      : { step: askedFor(this.#first(creation.instance, fire), source) };
    const turn = this.#turns.enter(id);
    if (turn !== undefined) await turn;
    try {
      const strays = this.#strays.check(id);
      if (strays !== undefined) await strays;
      const change = { before: undefined, creation, ...first };
      const row = await this.#committer.commit(change);
      if (row !== undefined) return row.instance;
    } catch (error) {
      throw asRefusal(error, `create "${id}"`);
    } finally {
      this.#turns.leave(id);
    }
    throw new RefusedError(
      "already-exists",
      `Cannot create "${id}" as "${definition}": an instance has this id`,
    );
  }

  /** @throws {RefusedError} as `StateMachines.fire` does. */
  async fire(
    id: string,
    transition: string,
    options: FireOptions,
  ): Promise<MachineInstance> {
    const { idempotencyKey } = options;
    const asked = idempotencyKey === undefined
      ? undefined
      : this.#committer.rows.askedKey(idempotencyKey);
    // The common case has a single await, the one of the commit.
    const turn = this.#turns.enter(id);
    if (turn !== undefined) await turn;
    try {
      for (let attempt = 1; attempt <= CONFLICTS_MAX; attempt++) {
        const remembered = this.#committer.cache.get(id);
        const before = remembered ?? await this.#committer.present(id);
        if (asked !== undefined) {
          const done = await this.#committer.rows.readAsked(asked);
          if (done !== undefined) return done;
        }
        const isNew = before === undefined && options.create !== undefined;
        const strays = isNew ? this.#strays.check(id) : undefined;
        if (strays !== undefined) await strays;
        const change = this.#decide(before, id, transition, options);
        if ("kind" in change) {
          if (remembered === undefined) accepted(change);
          // What is remembered may be old, and only a fresh read may refuse.
          this.#committer.cache.forget(id);
          continue;
        }
        const { via } = options;
        const row = await this.#committer.commit(
          via === undefined ? change : { ...change, via },
          asked && this.#once(asked, id),
        );
        if (row !== undefined) return row.instance;
      }
    } catch (error) {
      throw asRefusal(error, `fire "${transition}" on "${id}"`);
    } finally {
      this.#turns.leave(id);
    }
    throw new RefusedError(
      "conflict",
      `Cannot fire "${transition}" on "${id}": it changed ${CONFLICTS_MAX} times ` +
        "while this was tried",
    );
  }

  /** Lets a commit through only as the first one that was asked for like this. */
  #once(asked: Key, id: string): Attachment {
    return {
      checks: [{ key: asked, version: undefined }],
      sets: [this.#committer.rows.writeAsked(asked, id)],
      deletes: [],
      automatic: 0,
    };
  }

  #decide(
    before: InstanceRow | undefined,
    id: string,
    transition: string,
    { data, definition, create, source }: FireOptions,
  ): Change | Refused {
    const input = data === undefined ? NOTHING : detach(data);
    const nowMs = this.#clock.now();
    if (before === undefined) {
      if (create === undefined) return refused(noInstance(id, definition));
      const made = this.#begin(create.definition, id, create.data);
      const known = this.#known(create.definition);
      const step = decide(made.instance, transition, input, known, nowMs);
      if (step.kind === "refused") return step;
      const creation = askedFor(made, source);
      return { before, creation, step: askedFor(step, source) };
    }
    const { instance } = before;
    if (definition !== undefined && definition !== instance.definition) {
      const found = `it is a "${instance.definition}"`;
      return refused(`${noInstance(id, definition)}: ${found}`);
    }
    const known = this.#known(instance.definition);
    const step = decide(instance, transition, input, known, nowMs);
    return step.kind === "refused"
      ? step
      : { before, step: askedFor(step, source) };
  }

  /** The first transition of an instance that is not there yet. */
  #first(instance: MachineInstance, transition: string): Accepted {
    const known = this.#known(instance.definition);
    const nowMs = this.#clock.now();
    return accepted(decide(instance, transition, NOTHING, known, nowMs));
  }

  #begin(definition: string, id: string, data: MachineData, state?: string) {
    if (id === "") {
      throw new RefusedError(
        "invalid-input",
        "Cannot create an instance: its id is empty",
      );
    }
    return createInstance(
      this.#known(definition),
      id,
      detach(data),
      this.#clock.now(),
      state,
    );
  }

  #known(name: string): MachineDefinition {
    const definition = this.#present().registry.definition(name);
    if (definition !== undefined) return definition;
    throw new RefusedError(
      "unknown-definition",
      `No state machine is called "${name}"`,
    );
  }
}

/** Data that no store could hold is for the caller to change. */
function asRefusal(error: unknown, attempt: string): unknown {
  if (!(error instanceof RangeError)) return error;
  return new RefusedError(
    "invalid-input",
    `Cannot ${attempt}: it is too large: ${error.message}`,
    { cause: error },
  );
}

function refused(message: string): Refused {
  return { kind: "refused", code: "not-found", message };
}

function noInstance(id: string, definition: string | undefined): string {
  return definition === undefined
    ? `No instance has the id "${id}"`
    : `No "${definition}" has the id "${id}"`;
}
