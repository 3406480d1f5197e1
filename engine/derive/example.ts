/**
 * An example of a definition as a document, and whether an answer is the one
 * that it promises. The same example is a page, a file and a test.
 *
 * @module
 */
import { stringify } from "yaml";
import type { Example, Exchange } from "../define.ts";

/** The document of an example, as data. */
export function exampleDocument(
  { modules, workflows, triggers, pipelines }: Example,
): Readonly<Record<string, unknown>> {
  return {
    modules,
    ...(workflows && { workflows }),
    ...(triggers && { triggers }),
    ...(pipelines && { pipelines }),
  };
}

/** The document of an example, as YAML. */
export function exampleYaml(example: Example): string {
  return stringify(exampleDocument(example), {
    lineWidth: 0,
    aliasDuplicateObjects: false,
  });
}

/** An answer as it came. */
export interface Answer {
  readonly status: number;
  readonly headers: Pick<Headers, "get">;
  readonly body: string;
}

/**
 * How an answer differs from what an exchange promises: nothing, or one line a
 * difference. A text must be equal; of JSON each stated field must match, and
 * lists must be equally long.
 */
export function differences(
  expected: Exchange["response"],
  answer: Answer,
): readonly string[] {
  const found: string[] = [];
  if (answer.status !== expected.status) {
    found.push(`status: ${answer.status} instead of ${expected.status}`);
  }
  for (const [name, value] of Object.entries(expected.headers ?? {})) {
    const got = answer.headers.get(name);
    if (got !== value) found.push(`header ${name}: ${got} instead of ${value}`);
  }
  if (typeof expected.body === "string") {
    if (answer.body !== expected.body) {
      found.push(
        `body: ${show(answer.body)} instead of ${show(expected.body)}`,
      );
    }
  } else if (expected.body !== undefined) {
    const body = parseJson(answer.body);
    if (body === undefined) found.push(`body: ${show(answer.body)} is no JSON`);
    else found.push(...unlike(expected.body, body, "body"));
  }
  return found;
}

function unlike(expected: unknown, found: unknown, path: string): string[] {
  if (Array.isArray(expected) && Array.isArray(found)) {
    if (expected.length !== found.length) {
      return [`${path}: ${found.length} items instead of ${expected.length}`];
    }
    return expected.flatMap((item, index) =>
      unlike(item, found[index], `${path}[${index}]`)
    );
  }
  if (isMap(expected) && isMap(found)) {
    return Object.entries(expected).flatMap(([key, value]) =>
      unlike(
        value,
        Object.hasOwn(found, key) ? found[key] : undefined,
        `${path}.${key}`,
      )
    );
  }
  return Object.is(expected, found)
    ? []
    : [`${path}: ${show(found)} instead of ${show(expected)}`];
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? "nothing";
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is an answer like any other; the caller says what it wanted.
    return undefined;
  }
}
