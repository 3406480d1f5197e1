/**
 * One component in a sandbox: loads its code into a worker of a host, calls it,
 * and answers what it asks for. Trusts nothing that comes back.
 *
 * A call that takes too long is told to end; if the component then does not even
 * answer a ping, its host is killed. Calls that were under way with others in
 * that host are made again, under the same idempotency keys.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Effects } from "../engine/effects.ts";
import { messageOf, RetryableError, TerminalError } from "../engine/errors.ts";
import type { Logger } from "../engine/log.ts";
import type { JsonValue } from "../engine/store/store.ts";
import type { Broker } from "./broker.ts";
import { PermissionError } from "./grants.ts";
import type { HostProcess } from "./host_process.ts";
import { hostFor, type Isolation, leaveHost, leaveHosts } from "./hosts.ts";
import { inTurn } from "./load_turns.ts";
import { Pending } from "./pending.ts";
import {
  type FromComponent,
  type FunctionName,
  LIST_CHARACTERS,
  nestsDeeper,
  type Thrown,
} from "./protocol.ts";

/** How long a component may take to load, in milliseconds. */
export const LOAD_MS_MAX = 10_000;

/** How long a component may take to answer a ping, in milliseconds. */
export const PING_MS_MAX = 250;

/** When a component is asked whether it goes on well, in milliseconds. */
const SETTLE_MS = 100;

/** How long it may take to answer that, when others may load beside it. */
export const HEALTH_MS_MAX = 5_000;

/** Times that one call is made, where its host dies under it. */
export const CALLS_MAX = 3;

/** Messages of a component that come at once; its own side sends far fewer. */
const MESSAGES_MAX = 12_000;

/**
 * How many messages go out together: a quarter of what is under way, so that the
 * engine, the host and the worker are all at work, within these bounds.
 */
const FRAME_MESSAGES_MIN = 48;
const FRAME_MESSAGES_MAX = 256;

/** How many levels a long frame may nest: 10,000. */
const DEPTH_MAX = 10_000;

/** The longest line that a component logs, and its fields, in characters. */
const LOG_CHARACTERS_MAX = 10_000;

/** The longest wait that a component may ask for before the next attempt. */
const RETRY_AFTER_MS_MAX = 24 * 60 * 60 * 1_000;

/** Calls of one component that may be under way or wait. */
export const CALLS_UNDER_WAY_MAX = 10_000;

/** The longest result, in characters of JSON: 1 Mi. */
export const OUTPUT_CHARACTERS_MAX = 1024 * 1024;

/** Lines that a component may log in a second; the rest is dropped and counted. */
export const LOG_LINES_MAX = 1_000;

/** The result has more characters than are taken. */
export class OutputTooLargeError extends TerminalError {}

/** The component asked for what it was not granted, and did not go on without. */
export class DeniedError extends TerminalError {}

/** Nobody waits for a call any more: it took too long. */
export class CallTimeoutError extends RetryableError {}

/** What a sandbox is made of. */
export interface SandboxOptions {
  /** What messages call the component. */
  readonly name: string;
  /** Its module, as `prepareSource` gives it. */
  readonly code: string;
  readonly isolation: Isolation;
  readonly env: Readonly<Record<string, string | null>>;
  /** The modules that it may use, with the methods of each. */
  readonly services: Readonly<Record<string, readonly string[]>>;
  readonly broker: Broker;
  /** Milliseconds for one call; infinite without a limit. */
  readonly executionMs: number;
  readonly effects: Pick<Effects, "clock" | "random">;
  readonly log: Logger;
  /** Its host was killed, or died, for a reason. */
  readonly onKilled?: (reason: string) => void;
  /**
   * Whether what a call asks for is done as a part of what its caller is at (an
   * `AsyncLocalStorage`), which costs a microsecond for each call.
   *
   * @default never
   */
  readonly keepsContext?: () => boolean;
}

/** What a component exports. */
export interface Exported {
  readonly name: string | null;
  readonly contract: unknown;
  readonly functions: readonly string[];
}

/** What a call is given. */
export interface CallOptions {
  readonly signal: AbortSignal;
  readonly idempotencyKey: string;
}

interface Call {
  readonly id: number;
  readonly fn: FunctionName;
  readonly params: string;
  readonly key: string;
  readonly signal: AbortSignal;
  /** Does work of the call as a part of what the caller is at, if that is kept. */
  readonly within: (<T>(work: () => T) => T) | undefined;
  readonly resolve: (value: JsonValue) => void;
  readonly reject: (error: unknown) => void;
  /** As `elapsed` says; infinite without one. */
  readonly deadlineMs: number;
  attempts: number;
  /** The life of the component that it was given to. */
  life: Life | undefined;
  /** What it asks of the broker ends with it; absent until it asks. */
  requests: AbortController | undefined;
  /** The calls under way that have its signal, and its neighbours among them. */
  peers: Peers | undefined;
  before: Call | undefined;
  after: Call | undefined;
  isOver: boolean;
}

/** Calls under way that one signal ends: a list, since most have none beside them. */
interface Peers {
  first: Call | undefined;
}

interface Times {
  readonly nowMs: number;
  readonly elapsedMs: number;
}

interface Life {
  readonly host: HostProcess;
  readonly component: number;
  /** Resolves when its code is loaded. */
  readonly loaded: PromiseWithResolvers<Exported>;
  /** Resolves when `init` and `start` are done: from then on it is called. */
  readonly ready: PromiseWithResolvers<Exported>;
  /** Whether it had its turn to load. */
  isBegun: boolean;
  isReady: boolean;
  phase: Phase;
  /** Its worker has ended by itself, in a host that goes on. */
  hasFailed: boolean;
}

/** How far a component has got that does not take calls yet. */
export type Phase = "unloaded" | "loaded" | "initialized";

/** See the module comment. */
export class Sandbox {
  readonly #options: SandboxOptions;
  readonly #calls = new Pending<Call>();
  #life: Life | undefined;
  /** Messages that go out in the next frame. */
  #out: string[] = [];
  #outLength = 0;
  #isQueued = false;
  #time: Times | undefined;
  /** What waits for an answer to a ping, by its number. */
  readonly #pings = new Map<number, () => void>();
  #isStopped = false;
  readonly #ending = new AbortController();
  #isDue = false;
  readonly #whenIdle: (() => void)[] = [];
  /** The calls under way that a signal ends. */
  readonly #listeners = new WeakMap<AbortSignal, Peers>();
  #lines = 0;
  #linesSinceMs = 0;

  constructor(options: SandboxOptions) {
    this.#options = options;
  }

  /** Loads the code, then runs `init` and `start`. @throws {Error} One fails. */
  async start(): Promise<Exported> {
    return await this.#begin().ready.promise;
  }

  /**
   * Whether it still answers some time after its start; a host whose component
   * does not is killed.
   */
  async isHealthy(): Promise<boolean> {
    const { name, effects } = this.#options;
    const life = this.#life;
    await effects.clock.sleep(SETTLE_MS);
    // A neighbour may have taken the host with it: the next call begins anew.
    if (life === undefined || this.#life !== life) return !life?.hasFailed;
    if (await this.#answers(life, HEALTH_MS_MAX)) return !life.hasFailed;
    this.#kill(life, `${name} does not answer`);
    return false;
  }

  /** How far it has got, until `start` resolves. */
  get phase(): Phase {
    return this.#life?.phase ?? "unloaded";
  }

  /** The process that it is in now, for those who look from outside. */
  get pid(): number | undefined {
    return this.#life?.host.pid;
  }

  /** Resolves when no call is under way. */
  async idle(): Promise<void> {
    while (this.#calls.size > 0) {
      await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
    }
  }

  /** Ends the component, and its host if nobody else is in it. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#ending.abort(new Error("The component stops"));
    this.#endPings();
    const error = new RetryableError(`${this.#options.name} is stopped`);
    for (const call of this.#calls.all()) this.#over(call, error);
    const life = this.#life;
    if (life === undefined) return await leaveHosts(this);
    // Others are in its host: a thread that spins must not outlive it there.
    const isAlone = life.host.size <= 1;
    if (!isAlone && life.isReady && !await this.#answers(life)) {
      this.#kill(life, `${this.#options.name} does not answer`);
    }
    this.#life = undefined;
    // One that loads may spin: it has its time, and then its host is killed.
    if (!life.isBegun) life.loaded.reject(error);
    life.host.unload(life.component);
    await Promise.all([leaveHost(life.host), leaveHosts(this)]);
  }

  /**
   * Calls a function of the component.
   *
   * @param params JSON text.
   * @throws what the component throws; {CallTimeoutError}, {OutputTooLargeError};
   * {RetryableError} its host dies under it again and again.
   */
  call(
    fn: FunctionName,
    params: string,
    { signal, idempotencyKey }: CallOptions,
  ): Promise<JsonValue> {
    const { name, executionMs, keepsContext } = this.#options;
    if (this.#isStopped || signal.aborted) {
      return Promise.reject(
        signal.aborted
          ? signal.reason
          : new RetryableError(`${name} is stopped`),
      );
    }
    if (this.#calls.size >= CALLS_UNDER_WAY_MAX) {
      return Promise.reject(
        new RetryableError(
          `Cannot call ${name}: ${this.#calls.size} calls are under way, the ` +
            `limit is ${CALLS_UNDER_WAY_MAX} calls`,
        ),
      );
    }
    return new Promise((resolve, reject) => {
      const call: Call = {
        id: this.#calls.nextId(),
        fn,
        params,
        key: idempotencyKey,
        signal,
        within: keepsContext?.() ? AsyncLocalStorage.snapshot() : undefined,
        resolve,
        reject,
        deadlineMs: this.#times().elapsedMs + executionMs,
        attempts: 0,
        life: undefined,
        requests: undefined,
        peers: undefined,
        before: undefined,
        after: undefined,
        isOver: false,
      };
      this.#calls.add(call);
      this.#listen(call);
      this.#make(call);
      this.#watch();
    });
  }

  /** Gives a call to the component, or keeps it until that is ready. */
  #make(call: Call): void {
    const life = this.#life ?? this.#begin();
    const mayGo = life.isReady || call.fn === "init" || call.fn === "start";
    if (!mayGo || call.life === life) return;
    call.life = life;
    call.attempts++;
    const fn = call.fn === "execute" ? "" : `"f":"${call.fn}",`;
    this.#send(
      `{"c":${call.id},${fn}"p":${call.params},"k":${
        JSON.stringify(call.key)
      }}`,
    );
  }

  /** The time, read once for all that goes out together. */
  #times(): Times {
    if (this.#isQueued && this.#time !== undefined) return this.#time;
    const { clock } = this.#options.effects;
    return this.#time = { nowMs: clock.now(), elapsedMs: clock.elapsed() };
  }

  #send(message: string): void {
    if (this.#outLength + message.length > LIST_CHARACTERS) this.#flush();
    this.#outLength += message.length;
    // Not all at once: the component works while the rest is made.
    const part = Math.max(this.#calls.size >> 2, FRAME_MESSAGES_MIN);
    const isPart =
      this.#out.push(message) >= Math.min(part, FRAME_MESSAGES_MAX);
    if (isPart) this.#flush();
    if (this.#isQueued) return;
    this.#isQueued = true;
    queueMicrotask(() => {
      this.#isQueued = false;
      this.#flush();
    });
  }

  #flush(): void {
    const life = this.#life;
    const messages = this.#out;
    if (messages.length === 0) return;
    this.#out = [];
    this.#outLength = 0;
    if (life === undefined) return;
    const { executionMs } = this.#options;
    const { nowMs } = this.#times();
    const deadline = executionMs === Infinity ? "null" : nowMs + executionMs;
    const list = `[{"n":${nowMs},"d":${deadline}},${messages.join(",")}]`;
    life.host.send(life.component, encoder.encode(list));
  }

  /** Puts the component into a host. */
  #begin(): Life {
    const { isolation, effects, code, env, services, broker } = this.#options;
    const host = hostFor(isolation, effects, this);
    const loaded = Promise.withResolvers<Exported>();
    const ready = Promise.withResolvers<Exported>();
    // Whoever waits hears of it; nobody has to.
    loaded.promise.catch(() => {});
    ready.promise.catch(() => {});
    const component = host.enter({
      onBytes: (bytes) => this.#take(bytes, life),
      onSilent: () => this.#silent(life),
      onGone: (reason) => this.#gone(reason, life),
    });
    const life: Life = {
      host,
      component,
      loaded,
      ready,
      isBegun: false,
      isReady: false,
      phase: "unloaded",
      hasFailed: false,
    };
    this.#life = life;
    let cancel = () => {};
    const endTurn = inTurn(() => {
      life.isBegun = true;
      host.load(component, {
        ...{ code, env, services, secrets: broker.placeholders },
        outputMax: OUTPUT_CHARACTERS_MAX,
      });
      cancel = effects.clock.after(LOAD_MS_MAX, () => {
        this.#kill(life, `it did not load within ${LOAD_MS_MAX} ms`);
      });
    });
    loaded.promise.finally(() => {
      cancel();
      endTurn();
    }).catch(() => {});
    void this.#prepare(life);
    return life;
  }

  async #prepare(life: Life): Promise<void> {
    const options = { signal: NEVER, idempotencyKey: this.#options.name };
    try {
      const exported = await life.loaded.promise;
      life.phase = "loaded";
      for (const fn of ["init", "start"] as const) {
        if (fn === "start") life.phase = "initialized";
        if (!exported.functions.includes(fn)) continue;
        try {
          await this.call(fn, "{}", options);
        } catch (error) {
          throw new Error(
            `Cannot ${fn} ${this.#options.name}: ${messageOf(error)}`,
            { cause: error },
          );
        }
      }
      if (this.#life !== life) return;
      life.isReady = true;
      life.ready.resolve(exported);
      for (const call of this.#calls.all()) this.#make(call);
    } catch (error) {
      life.ready.reject(error);
      // One that was replaced says nothing about the next.
      if (this.#life !== life) return;
      for (const call of this.#calls.all()) this.#over(call, error);
    }
  }

  #take(bytes: Uint8Array, life: Life): void {
    if (nestsDeeper(bytes, DEPTH_MAX)) {
      return this.#kill(
        life,
        `${this.#options.name} sent what nests too deep, the limit is ` +
          `${DEPTH_MAX} levels`,
      );
    }
    let messages: unknown;
    try {
      messages = JSON.parse(decoder.decode(bytes));
    } catch {
      return this.#kill(life, "it sent what is not a message");
    }
    if (!Array.isArray(messages)) return;
    if (messages.length > MESSAGES_MAX) {
      return this.#kill(
        life,
        `${this.#options.name} sent ${messages.length} messages at once, the ` +
          `limit is ${MESSAGES_MAX} messages`,
      );
    }
    const mayBeLarge = bytes.length > OUTPUT_CHARACTERS_MAX;
    for (const message of messages as readonly FromComponent[]) {
      if (message === null || typeof message !== "object") continue;
      if (mayBeLarge && "v" in message) this.#checkSize(message);
      this.#heard(message, life);
    }
  }

  /** What the worker has let through is not trusted to be short. */
  #checkSize(message: Extract<FromComponent, { v: unknown }>): void {
    const call = this.#calls.get(message.c);
    const characters = JSON.stringify(message.v).length;
    if (call === undefined || characters <= OUTPUT_CHARACTERS_MAX) return;
    this.#over(
      call,
      new OutputTooLargeError(
        `Cannot use the result of ${this.#options.name}: it has ${characters} ` +
          `characters of JSON, the limit is ${OUTPUT_CHARACTERS_MAX} characters`,
      ),
    );
  }

  #heard(message: FromComponent, life: Life): void {
    if ("r" in message) {
      // It says what it likes: a number is all that can be answered.
      if (Number.isSafeInteger(message.r)) void this.#answer(message, life);
      return;
    }
    if ("c" in message) {
      const call = this.#calls.get(message.c);
      if (call === undefined) return;
      return "e" in message
        ? this.#over(call, this.#thrown(message.e))
        : this.#over(call, undefined, message.v as JsonValue);
    }
    if ("log" in message) return this.#log(message);
    if ("pong" in message) {
      return this.#pings.get(message.pong)?.();
    }
    if ("loaded" in message) return life.loaded.resolve(message.loaded);
    if ("failed" in message) {
      life.loaded.reject(this.#thrown(message.failed));
    }
  }

  async #answer(
    message: Extract<FromComponent, { r: number }>,
    life: Life,
  ): Promise<void> {
    const { broker } = this.#options;
    const call = this.#calls.get(message.c);
    let answer: string;
    try {
      // What `init` was given is of no call.
      if (call === undefined && message.c !== 0) {
        throw new TerminalError("The call is over");
      }
      const args = Array.isArray(message.a) ? message.a : [];
      const asking = {
        signal: (call === undefined
          ? this.#ending
          : call.requests ??= new AbortController()).signal,
        idempotencyKey: call?.key ?? this.#options.name,
      };
      const ask = () =>
        broker.do(message.op, args, asking);
      const value =
        await (call?.within === undefined ? ask() : call.within(ask));
      answer = `"v":${JSON.stringify(value ?? null) ?? "null"}`;
    } catch (error) {
      const name = error instanceof PermissionError
        ? "PermissionError"
        : error instanceof Error
        ? error.name
        : "Error";
      answer = `"e":${JSON.stringify({ name, message: messageOf(error) })}`;
    }
    if (this.#life === life) this.#send(`{"r":${message.r},${answer}}`);
  }

  #log(message: Extract<FromComponent, { log: string }>): void {
    const { log, effects: { clock }, name } = this.#options;
    const now = clock.elapsed();
    if (now - this.#linesSinceMs >= 1_000) {
      if (this.#lines > LOG_LINES_MAX) {
        log.warn(
          `${name} logged ${this.#lines} lines in a second, of which ` +
            `${LOG_LINES_MAX} are kept`,
        );
      }
      this.#lines = 0;
      this.#linesSinceMs = now;
    }
    if (++this.#lines > LOG_LINES_MAX) return;
    const { f: given, m } = message;
    const isShort = given !== null && typeof given === "object" &&
      JSON.stringify(given).length <= LOG_CHARACTERS_MAX;
    const fields = isShort ? given as Record<string, unknown> : {};
    const level = LEVELS.find((one) => one === message.log) ?? "info";
    const text = typeof m === "string" ? m.slice(0, LOG_CHARACTERS_MAX) : "";
    log[level](text, { ...fields, component: name });
  }

  /** An error of the component, as the engine tells errors apart. */
  #thrown(thrown: Thrown): Error {
    const { name } = this.#options;
    const { message: said, name: kind } = (thrown ?? {}) as Partial<Thrown>;
    const message = typeof said === "string"
      ? said.slice(0, LOG_CHARACTERS_MAX)
      : "";
    switch (kind) {
      case "OutputTooLargeError":
        return new OutputTooLargeError(
          `Cannot use the result of ${name}: ${message}`,
        );
      case "OutputError":
        return new TerminalError(
          `Cannot use the result of ${name}: ${message}`,
        );
      case "PermissionError":
        return new DeniedError(message);
      case "TerminalError":
        return new TerminalError(message);
      case "RetryableError": {
        const { retryAfterMs } = thrown;
        const isWait = typeof retryAfterMs === "number" && retryAfterMs >= 0;
        return new RetryableError(
          message,
          isWait
            ? { retryAfterMs: Math.min(retryAfterMs, RETRY_AFTER_MS_MAX) }
            : {},
        );
      }
      default: {
        const error = new Error(message);
        error.name = typeof kind === "string" ? kind.slice(0, 100) : "Error";
        return error;
      }
    }
  }

  #over(call: Call, error?: unknown, value: JsonValue = null): void {
    if (call.isOver) return;
    call.isOver = true;
    this.#calls.delete(call);
    leave(call);
    call.requests?.abort(new Error("The call is over"));
    if (error === undefined) call.resolve(value);
    else call.reject(error);
    if (this.#calls.size > 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  /** One listener for a signal, however many calls have it. */
  #listen(call: Call): void {
    const { signal } = call;
    const known = this.#listeners.get(signal);
    const peers = known ?? { first: undefined };
    join(call, peers);
    if (known !== undefined) return;
    this.#listeners.set(signal, peers);
    signal.addEventListener("abort", () => {
      for (let one = peers.first; one !== undefined; one = one.after) {
        this.#abort(one);
      }
    }, { once: true });
  }

  /** Nobody waits any more; what still comes of it counts, as long as it may. */
  #abort(call: Call): void {
    const why = JSON.stringify(messageOf(call.signal.reason));
    this.#send(`{"x":${call.id},"why":${why}}`);
  }

  /** One timer for all calls: they fall due in the order in which they came. */
  #watch(): void {
    if (this.#isDue || this.#options.executionMs === Infinity) return;
    const [first] = this.#calls.all();
    if (first === undefined) return;
    this.#isDue = true;
    const { clock } = this.#options.effects;
    clock.after(Math.max(0, first.deadlineMs - clock.elapsed()), () => {
      this.#isDue = false;
      this.#late();
      this.#watch();
    });
  }

  #late(): void {
    const { clock } = this.#options.effects;
    const now = clock.elapsed();
    const { name, executionMs } = this.#options;
    let isLate = false;
    for (const call of this.#calls.all()) {
      if (call.deadlineMs > now) break;
      isLate = true;
      const message = `Cannot wait for ${name} any longer: the limit ` +
        `maxExecutionTime is ${executionMs} ms`;
      this.#send(`{"x":${call.id},"why":${JSON.stringify(message)}}`);
      this.#over(call, new CallTimeoutError(message));
    }
    if (isLate) this.#ping();
  }

  /** Kills the host of a component that does not answer: it spins. */
  #ping(): void {
    const life = this.#life;
    if (life === undefined || this.#pings.size > 0) return;
    void this.#answers(life).then((answers) => {
      if (answers || this.#life !== life) return;
      this.#kill(life, `${this.#options.name} does not answer`);
    });
  }

  /** A call may take its time; where there is none, nothing has to be done. */
  #silent(life: Life): void {
    if (this.#life !== life || !life.isReady || this.#calls.size > 0) return;
    this.#ping();
  }

  /** Whether a component answers a ping in time; one that is gone need not. */
  #answers(life: Life, withinMs = PING_MS_MAX): Promise<boolean> {
    // One that cannot be guessed cannot be answered before it is asked.
    const ping = Math.floor(this.#options.effects.random.float() * 2 ** 40);
    return new Promise((resolve) => {
      const settle = (answers: boolean) => {
        cancel();
        this.#pings.delete(ping);
        resolve(answers);
      };
      const { clock } = this.#options.effects;
      const cancel = clock.after(withinMs, () => settle(false));
      this.#pings.set(ping, () => settle(true));
      life.host.send(life.component, encoder.encode(`[{"ping":${ping}}]`));
    });
  }

  #endPings(): void {
    for (const settle of this.#pings.values()) settle();
  }

  #kill(life: Life, reason: string): void {
    life.host.kill(reason);
    life.loaded.reject(
      new Error(`Cannot load ${this.#options.name}: ${reason}`),
    );
  }

  /** The worker or its host is gone: what was under way is done again. */
  #gone(reason: string, life: Life): void {
    const error = new Error(`Cannot load ${this.#options.name}: ${reason}`);
    life.hasFailed = life.host.isAlive;
    life.loaded.reject(error);
    life.ready.reject(error);
    // Its worker may have ended by itself: a host with nobody in it ends, too.
    void leaveHost(life.host);
    if (this.#life !== life) return;
    this.#life = undefined;
    this.#endPings();
    this.#out = [];
    this.#outLength = 0;
    this.#options.onKilled?.(reason);
    for (const call of this.#calls.all()) {
      const isOfLife = call.fn === "init" || call.fn === "start";
      if (isOfLife) this.#over(call, new RetryableError(reason));
      else if (call.attempts < CALLS_MAX) this.#make(call);
      else {
        this.#over(
          call,
          new RetryableError(
            `Cannot call ${this.#options.name}: its host died ` +
              `${call.attempts} times under the call: ${reason}`,
          ),
        );
      }
    }
  }
}

function join(call: Call, peers: Peers): void {
  const { first } = peers;
  call.peers = peers;
  call.after = first;
  if (first !== undefined) first.before = call;
  peers.first = call;
}

function leave(call: Call): void {
  const { peers, before, after } = call;
  if (before !== undefined) before.after = after;
  else if (peers !== undefined) peers.first = after;
  if (after !== undefined) after.before = before;
  // A call that is over keeps no other alive.
  call.peers = call.before = call.after = undefined;
}

const NEVER = new AbortController().signal;
const LEVELS = ["debug", "info", "warn", "error"] as const;
const encoder = new TextEncoder();
const decoder = new TextDecoder();
