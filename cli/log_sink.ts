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
  /** Whether several applications write, so that a line for people says which. */
  readonly several: boolean;
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

/** What the message already says is not said again. */
const humanLine: Print = (level, message, fields, output) => {
  const { now, colours, several } = output;
  const time = new Date(now()).toISOString().slice(11, 23);
  const { application, module, ...rest } = fields;
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    colours ? styleText(style, text, { validateStream: false }) : text;
  const parts = [
    paint("gray", time),
    paint(COLOURS[level], level.padEnd(5)),
    several && application !== undefined
      ? paint("gray", `[${application}]`)
      : "",
    module === undefined || message.startsWith(`${module} `)
      ? ""
      : paint("bold", String(module)),
    printable(message),
    ...Object.entries(rest)
      .filter(([, value]) => !message.includes(String(value)))
      .map(([key, value]) => paint("gray", `${key}=${plain(value)}`)),
  ];
  return parts.filter((part) => part !== "").join(" ");
};

/** What a terminal would obey, or show in another order than it stands. */
const CONTROL = /[\p{Cc}\p{Bidi_C}\u2028\u2029]/gu;

/**
 * A message may quote what strangers have sent. Its lines stay lines, but none
 * of them can pass for a line of the log.
 */
function printable(message: string): string {
  return message.replace(/\r?\n(?: {4})?/g, "\n    ").replace(
    CONTROL,
    (character) => character === "\n" ? character : escapeOf(character),
  );
}

function escapeOf(character: string): string {
  const code = character.charCodeAt(0).toString(16);
  return code.length > 2
    ? `\\u${code.padStart(4, "0")}`
    : `\\x${code.padStart(2, "0")}`;
}

/** Control characters in a value must not reach a terminal. */
function plain(value: unknown): string {
  if (typeof value === "string" && /^[\x21-\x7e]+$/.test(value)) return value;
  return JSON.stringify(value) ?? "undefined";
}
