/**
 * Reads the JSON that a request sends.
 *
 * @module
 */
import type { Context } from "hono";
import type { z } from "zod";
import { ParameterError } from "./problem_answer.ts";

/** A body of JSON, checked. @throws {ParameterError} naming the member. */
export async function bodyOf<T>(
  context: Context,
  schema: z.ZodType<T>,
): Promise<T> {
  const { success, data, error } = schema.safeParse(
    await jsonOf(context) ?? {},
  );
  if (success) return data;
  const [issue] = error.issues;
  const unknown = issue?.code === "unrecognized_keys" ? issue.keys[0] : "";
  const member = [...issue?.path ?? [], unknown].filter((part) => part !== "")
    .join(".");
  throw new ParameterError(
    `Cannot use the body: ${member === "" ? "" : `"${member}": `}` +
      `${issue?.message}`,
    member,
  );
}

/** The JSON of a body; `undefined` if there is no body. */
export async function jsonOf({ req }: Context): Promise<unknown> {
  const text = await req.text();
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ParameterError(
      `Cannot use the body: it is no JSON (${(cause as Error).message})`,
      "body",
    );
  }
}
