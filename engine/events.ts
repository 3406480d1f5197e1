/**
 * What the engine tells those who watch it: a bounded stream with a cursor.
 * Events are for eyes, not for work: nothing that must happen hangs on one.
 *
 * @module
 */
import type { Redaction } from "./config/redaction.ts";
import type { Clock } from "./effects.ts";

/** The closed list of event kinds. */
export const EVENT_KINDS = [
  "application",
  "module",
  "transition",
  "workflow",
  "run",
  "message",
  "notice",
  "traffic",
] as const;

/** The kind of an event. */
export type EventKind = (typeof EVENT_KINDS)[number];

/** What an event says beside its place and time. */
export interface EventFields {
  /** The id of the application's document. */
  readonly application: string;
  /** The module that it is about. */
  readonly module?: string;
  /** What happened, in a few words for a person. */
  readonly message: string;
  readonly severity?: "info" | "warning" | "error";
  readonly [field: string]: unknown;
}

/** One thing that happened. */
export interface EngineEvent extends EventFields {
  /** The version of this shape. */
  readonly v: 1;
  /** Ascends by one from event to event of one process. */
  readonly cursor: number;
  readonly kind: EventKind;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** How many events a hub remembers for those who come back. */
export const EVENTS_REMEMBERED = 1_000;

/** Receives events and hands them on. */
export class EventHub {
  readonly #clock: Pick<Clock, "now">;
  readonly #redaction: Redaction | undefined;
  readonly #remembered: EngineEvent[] = [];
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  #cursor = 0;

  /** @param redaction Takes secrets out of what events say. @default none */
  constructor(clock: Pick<Clock, "now">, redaction?: Redaction) {
    this.#clock = clock;
    this.#redaction = redaction;
  }

  /** Whether anybody watches: what is frequent is told to nobody else. */
  get isWatched(): boolean {
    return this.#listeners.size > 0;
  }

  /** The cursor of the newest event; 0 before the first. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Tells everyone who watches. A listener that throws is dropped. */
  emit(kind: EventKind, fields: EventFields): void {
    this.#cursor++;
    const event = this.#event(kind, fields);
    this.#remembered.push(event);
    if (this.#remembered.length > EVENTS_REMEMBERED) this.#remembered.shift();
    this.#tell(event);
  }

  /** Tells those who watch now; whoever comes later does not hear of it. */
  emitPassing(kind: EventKind, fields: EventFields): void {
    this.#tell(this.#event(kind, fields));
  }

  #event(kind: EventKind, fields: EventFields): EngineEvent {
    const { application, module } = fields;
    return {
      ...this.#redaction?.value(fields) ?? fields,
      // Names that others look up, whatever else is called like them.
      application,
      ...(module === undefined ? {} : { module }),
      v: 1,
      cursor: this.#cursor,
      kind,
      at: this.#clock.now(),
    };
  }

  #tell(event: EngineEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch {
        // A broken watcher must not stop the work that it watches.
        this.#listeners.delete(listener);
      }
    }
  }

  /**
   * What came after `cursor`, or `undefined` if some of it is forgotten (the
   * caller starts anew from the present state).
   */
  since(cursor: number): readonly EngineEvent[] | undefined {
    const oldest = this.#cursor - this.#remembered.length;
    if (cursor < oldest || cursor > this.#cursor) return undefined;
    return this.#remembered.slice(cursor - oldest);
  }

  /** Calls back for each event from now on; returns what ends it. */
  watch(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
