/**
 * Traces: which piece of work happened inside of which, and how long it took.
 * The engine and the modules say what they do; who keeps it is attached from
 * outside. Where nobody is, `active` is false, and whoever asks that first pays
 * nothing.
 *
 * What is under way is known to all that it calls, however deep, so that nobody
 * hands it on. It ends where work is kept for later: what is kept takes `current`
 * with it, and goes on as a span of that, in whichever process.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Effects } from "./effects.ts";
import { messageOf } from "./errors.ts";
import {
  type LastingSpan,
  readTraceparent,
  type TracePlace,
  writeTraceparent,
} from "./traceparent.ts";

/** Which part the work plays: it answers another process, asks one, takes a message. */
export type SpanKind = "internal" | "server" | "client" | "consumer";

/** Facts about a piece of work, by names with dots. */
export type SpanAttributes = Readonly<
  Record<string, string | number | boolean | undefined>
>;

/** A piece of work that begins. */
export interface SpanStart {
  /** What is done, without ids: many pieces of work have one name. */
  readonly name: string;
  /** @default {"internal"} */
  readonly kind?: SpanKind;
  readonly attributes?: SpanAttributes;
  /**
   * The traceparent of what it belongs to; null: a trace of its own.
   * @default what is under way
   */
  readonly parent?: string | null | undefined;
}

/** A piece of work that is under way. */
export interface Span {
  name: string;
  /** For those who are told that they belong to it. */
  readonly traceparent: string;
  /** Adds facts. */
  set(attributes: SpanAttributes): void;
  /** It ends, and has failed. What is thrown fails it without this. */
  fail(reason: string): void;
}

/** A piece of work that is over. */
export interface FinishedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Absent for the first of a trace. */
  readonly parentId: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  /** In milliseconds since 1970, with their fractions. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: SpanAttributes;
  /** Why it failed, if it did. */
  readonly error: string | undefined;
}

/** Keeps what happened. Must not throw. */
export interface SpanSink {
  /** Whether a trace that begins here is recorded. */
  samples(traceId: string): boolean;
  take(span: FinishedSpan): void;
}

/** What is under way. */
interface Current extends TracePlace {
  /** What to add to the elapsed time for the time of day: the same in one trace. */
  readonly epochMs: number | undefined;
}

type World = Pick<Effects, "clock" | "random">;

/** See the module comment. */
export class Tracing {
  readonly #world: World;
  readonly #redact: <T>(value: T) => T;
  readonly #current = new AsyncLocalStorage<Current | undefined>();
  #sinks: readonly SpanSink[] = [];

  /** @param redact Takes the values of secrets out of what spans hold. */
  constructor(world: World, redact: <T>(value: T) => T = (value) => value) {
    this.#world = world;
    this.#redact = redact;
  }

  /** Whether somebody keeps spans. Whoever has something to tell asks this first. */
  get active(): boolean {
    return this.#sinks.length > 0;
  }

  /** The traceparent of what is under way. */
  get current(): string | undefined {
    const current = this.active ? this.#current.getStore() : undefined;
    return current && writeTraceparent(current);
  }

  /** Adds a sink; returns what removes it. */
  attach(sink: SpanSink): () => void {
    this.#sinks = [...this.#sinks, sink];
    return () => this.#sinks = this.#sinks.filter((other) => other !== sink);
  }

  /**
   * Does work as a span. It ends with the work, or when the promise that the work
   * returns settles.
   */
  span<T>(start: SpanStart, work: (span: Span) => T): T {
    if (!this.active) return work(UNSEEN);
    const { clock } = this.#world;
    const parent = this.#parentOf(start);
    const place = this.#placeUnder(parent);
    const epochMs = parent?.epochMs ?? clock.now() - clock.elapsed();
    const current = { ...place, epochMs };
    const open = new OpenSpan(start, current, () => clock.elapsed() + epochMs);
    const end = () => this.#take(place, parent?.spanId, open);
    try {
      const result = this.#current.run(current, work, open);
      if (!(result instanceof Promise)) {
        end();
        return result;
      }
      return result.then((value) => {
        end();
        return value;
      }, (error) => {
        open.fail(messageOf(error));
        end();
        throw error;
      }) as T;
    } catch (error) {
      open.fail(messageOf(error));
      end();
      throw error;
    }
  }

  /** Does work that belongs to another span than the one that is under way. */
  within<T>(traceparent: string | undefined, work: () => T): T {
    if (!this.active) return work();
    return this.#current.run(
      this.#parentOf({ parent: traceparent ?? null }),
      work,
    );
  }

  /** Begins something that may outlive this process; `finish` ends it. */
  begin(parent: string | undefined): LastingSpan {
    const under = this.#parentOf({ parent: parent ?? null });
    const traceparent = writeTraceparent(this.#placeUnder(under));
    return under === undefined
      ? { traceparent }
      : { traceparent, parent: under.spanId };
  }

  /** Tells of something that `begin` began, here or in another process. */
  finish(
    { traceparent, parent }: LastingSpan,
    span: Pick<
      FinishedSpan,
      "name" | "startMs" | "endMs" | "attributes" | "error"
    >,
  ): void {
    const place = readTraceparent(traceparent);
    if (place?.isSampled !== true) return;
    const { traceId, spanId } = place;
    const kind = "internal";
    this.#tell({ ...span, kind, traceId, spanId, parentId: parent });
  }

  #parentOf({ parent }: Pick<SpanStart, "parent">): Current | undefined {
    if (parent === undefined) return this.#current.getStore();
    const place = readTraceparent(parent);
    return place && { ...place, epochMs: undefined };
  }

  #placeUnder(parent: TracePlace | undefined): TracePlace {
    const { random } = this.#world;
    const spanId = random.bytes(8).toHex();
    if (parent !== undefined) {
      return { traceId: parent.traceId, spanId, isSampled: parent.isSampled };
    }
    const traceId = random.bytes(16).toHex();
    const isSampled = this.#sinks.some((sink) => sink.samples(traceId));
    return { traceId, spanId, isSampled };
  }

  #take(place: TracePlace, parentId: string | undefined, open: OpenSpan): void {
    if (!place.isSampled) return;
    const { traceId, spanId } = place;
    this.#tell({ ...open.finished(), traceId, spanId, parentId });
  }

  #tell(span: FinishedSpan): void {
    const shown = this.#redact(span);
    for (const sink of this.#sinks) sink.take(shown);
  }
}

class OpenSpan implements Span {
  name: string;
  readonly #place: TracePlace;
  readonly #kind: SpanKind;
  readonly #now: () => number;
  readonly #startMs: number;
  #attributes: SpanAttributes;
  #error: string | undefined;

  constructor(
    { name, kind = "internal", attributes = {} }: SpanStart,
    place: TracePlace,
    now: () => number,
  ) {
    this.name = name;
    this.#place = place;
    this.#kind = kind;
    this.#attributes = attributes;
    this.#now = now;
    this.#startMs = now();
  }

  get traceparent(): string {
    return writeTraceparent(this.#place);
  }

  set(attributes: SpanAttributes): void {
    this.#attributes = { ...this.#attributes, ...attributes };
  }

  fail(reason: string): void {
    this.#error = reason;
  }

  finished(): Omit<FinishedSpan, "traceId" | "spanId" | "parentId"> {
    return {
      name: this.name,
      kind: this.#kind,
      startMs: this.#startMs,
      endMs: this.#now(),
      attributes: this.#attributes,
      error: this.#error,
    };
  }
}

/** Stands for every span where nobody keeps any. */
const UNSEEN: Span = { name: "", traceparent: "", set() {}, fail() {} };
