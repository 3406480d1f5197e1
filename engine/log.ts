/**
 * What the engine and its modules log. Where lines go is decided outside.
 *
 * @module
 */

/** How important a line is. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Facts beside the message; JSON. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Takes one line. */
export type LogSink = (
  level: LogLevel,
  message: string,
  fields: LogFields,
) => void;

/** Writes lines that carry the fields of their origin. */
export class Logger {
  readonly #sink: LogSink;
  readonly #fields: LogFields;

  constructor(sink: LogSink, fields: LogFields = {}) {
    this.#sink = sink;
    this.#fields = fields;
  }

  /** A logger whose lines carry these fields as well. */
  with(fields: LogFields): Logger {
    return new Logger(this.#sink, { ...this.#fields, ...fields });
  }

  debug(message: string, fields?: LogFields): void {
    this.#sink("debug", message, { ...this.#fields, ...fields });
  }

  info(message: string, fields?: LogFields): void {
    this.#sink("info", message, { ...this.#fields, ...fields });
  }

  warn(message: string, fields?: LogFields): void {
    this.#sink("warn", message, { ...this.#fields, ...fields });
  }

  error(message: string, fields?: LogFields): void {
    this.#sink("error", message, { ...this.#fields, ...fields });
  }
}

/** A logger that writes nothing. */
export function silentLogger(): Logger {
  return new Logger(() => {});
}
