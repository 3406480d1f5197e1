/**
 * The places that a refusal of code names, so that they can be shown there.
 *
 * @module
 */
import { ApiError } from "../api.ts";

/** What is wrong at a place of the code. */
export interface Fault {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  readonly message: string;
}

/** `2:8 Type … (TS2322); 4:1 …` and `Cannot read "x":1:36: Expression expected`. */
const TYPE_FAULT = /(?:^|[;:] )(\d+):(\d+) (.+?) \((TS\d+)\)/g;
const SYNTAX_FAULT = /":(\d+):(\d+): (.+)$/s;

/** The places of an error; none where it names none. */
export function faultsOf(error: unknown): readonly Fault[] {
  if (!(error instanceof ApiError)) return [];
  return faultsIn(error.message);
}

/** The places that a text names. */
export function faultsIn(text: string): readonly Fault[] {
  const types = Array.from(
    text.matchAll(TYPE_FAULT),
    ([, line, column, message = "", code]) => ({
      ...{ line: Number(line), column: Number(column) },
      message: `${message} (${code})`,
    }),
  );
  if (types.length > 0) return types;
  const [, line, column, message = ""] = SYNTAX_FAULT.exec(text) ?? [];
  return line === undefined
    ? []
    : [{ line: Number(line), column: Number(column), message }];
}
