/**
 * Topics as NATS writes them. Both split at dots and know `*`; where a topic's
 * pattern has `**`, for any number of segments, NATS has `>`, for one or more of
 * them and only at the end.
 *
 * @module
 */
import { RefusedError } from "@engine/errors.ts";
import { refusePattern, refuseTopic } from "../_memory_broker/refusal.ts";

/** Subjects that are the server's own: publishing there would command it. */
const OWN = /^(\$|_INBOX(\.|$))/;

/**
 * What keeps a text from being a subject, as the end of a sentence that names it.
 * Only `isPattern` lets wildcards through.
 */
function subjectFault(text: string, isPattern: boolean): string | undefined {
  // deno-lint-ignore no-control-regex
  if (/[\s\x00-\x1f]/.test(text)) return "NATS has no white space in subjects";
  const segments = text.split(".");
  if (segments.includes("")) return "NATS has no empty segments in subjects";
  if (OWN.test(text)) return "NATS keeps such subjects for itself";
  const rest = isPattern ? segments.slice(0, -1) : segments;
  if (!rest.includes(">")) return undefined;
  return isPattern
    ? 'NATS has ">" only at the end of subjects'
    : 'NATS has ">" as a wildcard only';
}

/** How many topics are remembered as fit. */
const FIT_MAX = 1_000;

/** Looks at each topic that is published to, at most of them once. */
export class Topics {
  #fit = new Set<string>();

  /** @throws {RefusedError} `invalid-input` if a text is no topic, or no subject. */
  refuse(topic: string): void {
    if (this.#fit.has(topic)) return;
    refuseTopic(topic);
    refuse("publish", topic, subjectFault(topic, false));
    if (this.#fit.size >= FIT_MAX) this.#fit.clear();
    this.#fit.add(topic);
  }
}

/** @throws {RefusedError} `invalid-input` if a text is no pattern, for NATS. */
export function refuseSubjects(pattern: string): void {
  refusePattern(pattern);
  refuse("subscribe", pattern, subjectFault(pattern, true));
}

function refuse(act: string, text: string, fault: string | undefined): void {
  if (fault === undefined) return;
  throw new RefusedError(
    "invalid-input",
    `Cannot ${act} to "${text.slice(0, 80)}": ${fault}`,
  );
}

/** A pattern in which `>`, as NATS has it, is written as topics have it. */
export function topicPattern(pattern: string): string {
  return pattern.replace(/(^|\.)>$/, "$1*.**");
}

/**
 * The subjects that together get every message that a pattern selects, each of
 * them once. Only where `**` is not at the end do they get others as well.
 */
export function subjectsOf(pattern: string): readonly string[] {
  const segments = topicPattern(pattern).split(".");
  const any = segments.indexOf("**");
  if (any < 0) return [pattern];
  const head = segments.slice(0, any);
  const under = (prefix: readonly string[]) => [...prefix, ">"].join(".");
  if (segments.slice(any).some((segment) => segment !== "**")) {
    return [under(head)];
  }
  if (head.length === 0) return [">"];
  if (head.at(-1) === "*") return [under(head.slice(0, -1))];
  return [head.join("."), under(head)];
}

/** Whether every message of one subject is also one of another. */
export function isWithin(inner: string, outer: string): boolean {
  const inside = inner.split(".");
  const outside = outer.split(".");
  for (const [index, segment] of outside.entries()) {
    const other = inside[index];
    if (other === undefined) return false;
    if (segment === ">") return true;
    if (other === ">") return false;
    if (segment !== "*" && segment !== other) return false;
  }
  return inside.length === outside.length;
}

/** Whether there may be a message of both subjects. */
export function overlaps(one: string, other: string): boolean {
  const left = one.split(".");
  const right = other.split(".");
  for (let index = 0;; index++) {
    const a = left[index];
    const b = right[index];
    if (a === undefined || b === undefined) return a === b;
    if (a === ">" || b === ">") return true;
    if (a !== "*" && b !== "*" && a !== b) return false;
  }
}

/**
 * The subjects by which consumers of a stream get what a pattern selects of it:
 * a server refuses a consumer whose subject is not within one of the stream's.
 */
export function filtersOf(
  pattern: string,
  ofStream: readonly string[],
): readonly string[] {
  const wanted = subjectsOf(pattern).flatMap((subject) =>
    ofStream.some((outer) => isWithin(subject, outer))
      ? [subject]
      : ofStream.filter((outer) => overlaps(subject, outer))
  );
  return [...new Set(wanted)].filter((subject, _, all) =>
    !all.some((other) => other !== subject && isWithin(subject, other))
  );
}
