/**
 * Writes log lines to a stream: for people, or as JSON for machines.
 *
 * @module
 */
import { styleText } from "node:util";
import type { LogLevel, LogSink } from "../engine/mod.ts";

/** How lines look. */
export type LogFormat = "human" | "json";

/** What a sink needs of the outside. */
export interface LogOutput {
  readonly write: (line: string) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Whether colours can be shown. */
  readonly colours: boolean;
}

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

const COLOURS = {
  debug: "gray",
  info: "cyan",
  warn: "yellow",
  error: "red",
} as const;

/** Makes a sink that writes lines of `least` importance and above. */
export function logSink(
  format: LogFormat,
  output: LogOutput,
  least: LogLevel = "info",
): LogSink {
  const rank = LEVELS.indexOf(least);
  const print = format === "json" ? jsonLine : humanLine;
  return (level, message, fields) => {
    if (LEVELS.indexOf(level) < rank) return;
    output.write(print(level, message, fields, output));
  };
}

type Print = (
  level: LogLevel,
  message: string,
  fields: Readonly<Record<string, unknown>>,
  output: LogOutput,
) => string;

const jsonLine: Print = (level, message, fields, { now }) =>
  JSON.stringify({
    time: new Date(now()).toISOString(),
    level,
    message,
    ...fields,
  });

/** A field that the message already says is not said again. */
const humanLine: Print = (level, message, fields, { now, colours }) => {
  const time = new Date(now()).toISOString().slice(11, 23);
  const { application: _, module, ...rest } = fields;
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    colours ? styleText(style, text, { validateStream: false }) : text;
  const parts = [
    paint("gray", time),
    paint(COLOURS[level], level.padEnd(5)),
    module === undefined ? "" : paint("bold", String(module)),
    message,
    ...Object.entries(rest)
      .filter(([, value]) => !message.includes(String(value)))
      .map(([key, value]) => paint("gray", `${key}=${plain(value)}`)),
  ];
  return parts.filter((part) => part !== "").join(" ");
};

/** Control characters in a value must not reach a terminal. */
function plain(value: unknown): string {
  if (typeof value === "string" && /^[\x21-\x7e]+$/.test(value)) return value;
  return JSON.stringify(value) ?? "undefined";
}
