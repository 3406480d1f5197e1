/**
 * What happened, be it a message or a transition, in the one form in which the
 * templates of modules speak of it.
 *
 * @module
 */
import type { Issue } from "@engine/define.ts";
import { messageOf, TerminalError } from "@engine/errors.ts";
import type { CelVariables } from "@engine/expression/environment.ts";
import { compileTemplate, type Template } from "@engine/expression/template.ts";
import type { Message } from "@engine/services/broker.ts";
import type { TransitionEvent } from "@engine/services/transition_handler.ts";

/** See the module comment. */
export interface Occurrence {
  /** Of a transition, the definition and the state it led to, joined by a dot. */
  readonly topic: string;
  /** The same at every attempt. */
  readonly id: string;
  /** When, in milliseconds since 1970. */
  readonly at: number;
  readonly payload: Message["payload"];
}

/** What a template may speak of. */
export const OCCURRENCE_VARIABLES: CelVariables = {
  topic: "string",
  id: "string",
  date: "string",
  time: "string",
  payload: "any",
};

/** How the docs name the variables. */
export const OCCURRENCE_WORDS =
  "topic, id, date (2026-01-31), time (in UTC) and payload; a transition has " +
  "the topic <definition>.<state>";

/** The occurrence that a message tells of. */
export function ofMessage(message: Message): Occurrence {
  const { topic, id, publishedAt, payload } = message;
  return { topic, id, at: publishedAt, payload };
}

/** A transition as an occurrence; `id` is the key of the work that it asks for. */
export function ofTransition(event: TransitionEvent, id: string): Occurrence {
  const { at, via: _, ...told } = event;
  const { definition, toState } = event;
  const payload = { ...told, timestamp: new Date(at).toISOString() };
  return {
    topic: `${definition}.${toState}`,
    id,
    at,
    // Its data may hold fields without a value, which JSON has not.
    payload: JSON.parse(JSON.stringify(payload)),
  };
}

/** What is wrong with a template, as an issue of the field that holds it. */
export function templateIssues(
  field: string,
  text: string | undefined,
): readonly Issue[] {
  if (text === undefined) return [];
  const compiled = compileTemplate(text, OCCURRENCE_VARIABLES);
  if (!("length" in compiled)) return [];
  return compiled.map(({ error }) => ({
    code: "invalid-expression",
    path: [field],
    message: error.message,
    ...error.nearest === undefined
      ? {}
      : { help: `Did you mean "${error.nearest}"?` },
  }));
}

/**
 * Makes texts of occurrences by a template that `templateIssues` accepts.
 *
 * @returns a function that throws `TerminalError` where an expression fails.
 */
export function textOfOccurrence(
  template: string,
): (occurrence: Occurrence) => string {
  const compiled = compileTemplate(template, OCCURRENCE_VARIABLES);
  if ("length" in compiled) {
    throw new TypeError(`Cannot use the template "${template}"`);
  }
  return (occurrence) => evaluate(compiled, template, occurrence);
}

function evaluate(
  compiled: Template,
  template: string,
  { topic, id, at, payload }: Occurrence,
): string {
  const time = new Date(at).toISOString();
  try {
    const value = compiled.evaluate({
      topic,
      id,
      payload,
      time,
      date: time.slice(0, 10),
    });
    return typeof value === "string" ? value : JSON.stringify(value);
  } catch (error) {
    throw new TerminalError(
      `Cannot make a text of "${template}": ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** A text as it is, anything else as JSON. */
export function plainText(payload: Occurrence["payload"]): string {
  return typeof payload === "string" ? payload : JSON.stringify(payload);
}
