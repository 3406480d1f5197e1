/**
 * What an edge carries, for people: `GET /api/orders`.
 *
 * @module
 */
import type { EdgeMeta } from "../meta.ts";
import type { Reference } from "./references.ts";

/** The values beside a reference of which its edge is said to be made. */
export function edgeLabel(edge: EdgeMeta, reference: Reference): string {
  return (edge.label ?? [])
    .map((key) => reference.siblings[key])
    .filter((value) => value !== undefined)
    .map((value) => Array.isArray(value) ? value.join(", ") : String(value))
    .join(" ");
}
