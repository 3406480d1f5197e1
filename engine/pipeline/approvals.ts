/**
 * Finds the steps of a pipeline that wait for a person.
 *
 * @module
 */
import { isMap } from "../config/value_path.ts";
import type { CelType } from "../expression/environment.ts";

/** The ids of the steps that wait for a decision, in any block. */
export function approvalsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => approvalsIn(item));
  if (!isMap(value)) return [];
  const isApproval = isMap(value.wait) && value.wait.approval !== undefined;
  const own = isApproval && typeof value.id === "string" ? [value.id] : [];
  return [
    ...own,
    ...Object.entries(value).flatMap(([key, inner]) =>
      key === "with" ? [] : approvalsIn(inner)
    ),
  ];
}

/** What a step that waits for a person yields. */
export const APPROVAL_TYPE: CelType = {
  fields: { approved: "bool", comment: "string", by: "string" },
};
