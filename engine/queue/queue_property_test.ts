import assert from "node:assert/strict";
import fc from "fast-check";
import { simulatedEffects } from "../simulation/effects.ts";
import { memoryStore } from "../store/memory.ts";
import { type Bench, benchOver } from "./contract.ts";
import type { Lease } from "./lease.ts";

const LEASE_MS = 50;
const ATTEMPTS_MAX = 3;

type Command =
  | { kind: "send"; priority: number; delayMs: number; key: string | undefined }
  | { kind: "lease"; count: number; by: number }
  | { kind: "ack"; at: number }
  | { kind: "extend"; at: number }
  | { kind: "nack"; at: number; delayMs: number; isFinal: boolean }
  | { kind: "advance"; ms: number };

const at = fc.nat(9);
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("send" as const),
      priority: fc.constantFrom(0, 4, 9),
      delayMs: fc.constantFrom(0, 0, 20, 60),
      key: fc.constantFrom(undefined, undefined, "a", "b"),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("lease" as const),
      count: fc.integer({ min: 1, max: 4 }),
      by: fc.nat(1),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("ack" as const), at }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("extend" as const), at }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("nack" as const),
      at,
      delayMs: fc.constantFrom(0, 100),
      isFinal: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("advance" as const),
      ms: fc.constantFrom(5, 30, 60),
    }),
  },
);

/** A message as the model sees it. */
interface Expected {
  readonly id: string;
  readonly priority: number;
  readonly key: string | undefined;
  state: "ready" | "delayed" | "leased" | "done" | "dead";
  /** When the delay or the lease is over. */
  untilMs: number;
  attempts: number;
  /** Holds up the others of its key. */
  hasTurn: boolean;
}

/** The queue as it is said to be, in plain lists. */
class Model {
  readonly messages: Expected[] = [];

  pass(now: number): void {
    for (const message of this.messages) {
      const { state, untilMs, attempts } = message;
      if (untilMs > now) continue;
      if (state === "delayed") message.state = "ready";
      else if (state === "leased") {
        if (attempts < ATTEMPTS_MAX) message.state = "ready";
        else this.end(message, "dead");
      }
    }
  }

  end(message: Expected, state: "done" | "dead"): void {
    message.state = state;
    message.hasTurn = false;
  }

  /** What may be handed out now, best first. */
  claimable(): Expected[] {
    const ready = this.messages.filter(({ state }) => state === "ready")
      .toSorted((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1));
    return ready.filter((message) => {
      if (message.key === undefined) return true;
      const ofKey = this.messages.filter(({ key }) => key === message.key);
      const first = ofKey.find(({ hasTurn }) => hasTurn) ??
        ready.find(({ key }) => key === message.key);
      return first === message;
    });
  }

  count(...states: Expected["state"][]): number {
    return this.messages.filter(({ state }) => states.includes(state)).length;
  }
}

/** Two processes over one store, and the model beside them. */
class Run {
  readonly #effects = simulatedEffects();
  readonly #benches: Bench[];
  readonly #model = new Model();
  readonly #leases: Lease[] = [];
  readonly #ends: (() => void)[];

  constructor() {
    const store = memoryStore({ now: this.#effects.clock.now });
    this.#benches = [0, 1].map(() => benchOver(store, this.#effects));
    // Hears of what the other process sends and gives back.
    this.#ends = [0, 1].map((by) => this.queue(by).onChange(() => {}));
  }

  queue(by = 0) {
    return (this.#benches[by] as Bench).queues
      .queue("q", { leaseMs: LEASE_MS, attemptsMax: ATTEMPTS_MAX });
  }

  async step(command: Command): Promise<void> {
    const now = this.#effects.clock.now();
    switch (command.kind) {
      case "send":
        return await this.#send(command, now);
      case "lease":
        return await this.#lease(command, now);
      case "advance":
        return await this.#effects.advance(command.ms);
      default:
        return await this.#settle(command, now);
    }
  }

  async #send(
    { priority, delayMs, key }: Command & { kind: "send" },
    now: number,
  ) {
    const id = await this.queue().send(1, {
      delayMs,
      ...(key === undefined ? { priority } : { key }),
    });
    this.#model.messages.push({
      id,
      key,
      priority: key === undefined ? priority : 4,
      state: delayMs > 0 ? "delayed" : "ready",
      untilMs: now + delayMs,
      attempts: 0,
      hasTurn: false,
    });
  }

  async #lease({ count, by }: Command & { kind: "lease" }, now: number) {
    // A process hears of the other a moment later.
    await this.#effects.advance(20);
    const time = now + 20;
    this.#model.pass(time);
    const claimable = this.#model.claimable();
    const leases = await this.queue(by).lease(count);
    assert.equal(leases.length, Math.min(count, claimable.length));
    const plain: Expected[] = [];
    for (const lease of leases) {
      const found = claimable.find(({ id }) => id === lease.message.id);
      assert.ok(found, "it may not be handed out");
      found.state = "leased";
      found.untilMs = time + LEASE_MS;
      found.attempts++;
      found.hasTurn = found.key !== undefined;
      assert.equal(lease.message.attempt, found.attempts);
      if (found.key === undefined) plain.push(found);
      this.#leases.push(lease);
    }
    const best = claimable.filter(({ key }) => key === undefined);
    assert.deepEqual(plain, best.slice(0, plain.length));
  }

  async #settle(
    command: Extract<Command, { at: number }>,
    now: number,
  ) {
    const lease = this.#leases[command.at];
    if (lease === undefined) return;
    const message = this.#model.messages
      .find(({ id }) => id === lease.message.id);
    assert.ok(message);
    // Until somebody looks, a lease that ran out is still in place.
    const holds = message.state === "leased" &&
      message.attempts === lease.message.attempt;
    if (holds && message.untilMs <= now) return;
    if (command.kind === "ack") {
      assert.equal(await lease.ack(), holds);
      if (holds) this.#model.end(message, "done");
    } else if (command.kind === "extend") {
      assert.equal(await lease.extend(LEASE_MS), holds);
      if (holds) message.untilMs = now + LEASE_MS;
    } else {
      const { delayMs, isFinal } = command;
      assert.equal(await lease.nack({ delayMs, isFinal }), holds);
      if (!holds) return;
      const isDead = isFinal || message.attempts >= ATTEMPTS_MAX;
      if (isDead) return this.#model.end(message, "dead");
      message.state = delayMs > 0 ? "delayed" : "ready";
      message.untilMs = now + delayMs;
    }
  }

  /** After everything has run out, what is left must be handed out and end. */
  async finish(): Promise<void> {
    for (let i = 0; i < 200; i++) {
      await this.#effects.advance(LEASE_MS + 60);
      this.#model.pass(this.#effects.clock.now());
      const leases = await this.queue(i % 2).lease(10);
      for (const lease of leases) {
        assert.equal(await lease.ack(), true);
        const message = this.#model.messages
          .find(({ id }) => id === lease.message.id);
        if (message) this.#model.end(message, "done");
      }
      if (this.#model.count("done", "dead") === this.#model.messages.length) {
        break;
      }
    }
    for (const end of this.#ends) end();
    const stats = await this.queue().stats();
    assert.equal(stats.depth, 0);
    assert.equal(stats.dead, this.#model.count("dead"));
    assert.equal(
      this.#model.count("done", "dead"),
      this.#model.messages.length,
    );
  }
}

Deno.test("A queue does what its model does, whatever is asked of it in which order", async () => {
  // Two processes take turns on one store, and a list of messages in plain code
  // says what each may be given.
  await fc.assert(
    fc.asyncProperty(
      fc.array(command, { maxLength: 40, size: "max" }),
      async (commands) => {
        const run = new Run();
        for (const command of commands) await run.step(command);
        await run.finish();
      },
    ),
    { numRuns: 200, seed: 7 },
  );
});
