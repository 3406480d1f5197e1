/**
 * An event as a line: for people, or as JSON for machines. What an event is called
 * and how important it is.
 *
 * @module
 */
import type { EngineEvent } from "@engine/events.ts";

/** How important an event is, the least first. */
export const LEVELS = ["debug", "info", "warn", "error"] as const;

/** See `LEVELS`. */
export type Level = (typeof LEVELS)[number];

/** How lines look. */
export type Format = "text" | "json";

/** What of an event a line shows. */
export interface LineOptions {
  readonly format: Format;
  /** Whether the facts of an event stand behind its message. */
  readonly hasFacts: boolean;
  /** Whether a line for people begins with the time. */
  readonly hasTime: boolean;
  /** Whether a line for people has colours. */
  readonly hasColour: boolean;
}

/** The kind of an event and what happened to its subject: `run.step.failed`. */
export function typeOf({ kind, entry, phase }: EngineEvent): string {
  const what = kind === "run" ? entry : kind === "application" ? phase : "";
  return typeof what === "string" && what !== "" ? `${kind}.${what}` : kind;
}

/** How important an event is. Counts of what moves are for those who search. */
export function levelOf({ kind, severity }: EngineEvent): Level {
  if (severity === "error") return "error";
  if (severity === "warning") return "warn";
  return kind === "traffic" ? "debug" : "info";
}

/** The line, without its end. */
export function lineOf(event: EngineEvent, options: LineOptions): string {
  return options.format === "json"
    ? jsonLine(event, options)
    : textLine(event, options);
}

function jsonLine(event: EngineEvent, { hasFacts }: LineOptions): string {
  const { application, module, message } = event;
  return JSON.stringify({
    time: new Date(event.at).toISOString(),
    level: levelOf(event),
    type: typeOf(event),
    application,
    module,
    message,
    ...(hasFacts ? { data: factsOf(event) } : {}),
  });
}

function textLine(
  event: EngineEvent,
  { hasFacts, hasTime, hasColour }: LineOptions,
): string {
  const level = levelOf(event);
  const name = level.toUpperCase().padEnd(5);
  const facts = hasFacts ? Object.entries(factsOf(event)) : [];
  return [
    ...(hasTime ? [new Date(event.at).toISOString()] : []),
    hasColour ? `\x1b[${COLOURS[level]}m${name}\x1b[0m` : name,
    typeOf(event),
    ...(event.module === undefined ? [] : [`[${printable(event.module)}]`]),
    printable(event.message),
    ...facts.map(([key, value]) => `${key}=${plain(value)}`),
  ].join(" ");
}

const COLOURS: Readonly<Record<Level, number>> = {
  debug: 90,
  info: 36,
  warn: 33,
  error: 31,
};

/** What an event says beside what every line has. */
function factsOf(event: EngineEvent): Readonly<Record<string, unknown>> {
  const { v: _, at: __, kind: ___, application: ____, ...rest } = event;
  const { module: _____, message: ______, severity: _______, ...facts } = rest;
  return facts;
}

/** A message may quote strangers: what it holds stays one line, and no command. */
function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Bidi_C}\u2028\u2029]/gu,
    (character) =>
      `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function plain(value: unknown): string {
  if (typeof value === "string" && /^[\x21-\x7e]+$/.test(value)) return value;
  return printable(JSON.stringify(value) ?? "undefined");
}
