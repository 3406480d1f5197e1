/**
 * TypeScript becomes JavaScript, as the runtime itself does it.
 *
 * The reader of the runtime is native: a source that nests deep enough overflows
 * its stack, which ends the process. What may be long is read elsewhere, see
 * `source.ts`.
 *
 * @module
 */
import { stripTypeScriptTypes } from "node:module";

/** The code, or what is wrong with the source and where (`line:column`). */
export type Stripped =
  | { readonly code: string }
  | { readonly reason: string; readonly place?: string };

/** Lines stay where they are, unless there is an `enum` or the like. */
export function stripTypes(text: string): Stripped {
  try {
    return { code: stripTypeScriptTypes(text) };
  } catch {
    // An enum, a namespace: what is no mere annotation is made into code.
  }
  try {
    return { code: stripTypeScriptTypes(text, { mode: "transform" }) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const [first = message] = message.split("\n");
    const place = /:(\d+:\d+)\s*$/.exec(message)?.[1];
    return {
      reason: first.replace(/^\w*Error: /, "").replace(/ at file:.*$/, ""),
      ...place === undefined ? {} : { place },
    };
  }
}
