/**
 * What in a link means nothing among the documents that are there: a warning,
 * since the document that it means may come later.
 *
 * @module
 */
import type { Link } from "../config/links.ts";
import { nearestName } from "../config/nearest.ts";
import { documentOf, type Documents, workOf } from "./resolve.ts";

/** One line for each name in a link that means nothing, with its place. */
export function linkFaults(
  { source, target, action, place }: Link,
  documents: Documents,
  hasBroker: (id: string) => boolean,
): readonly string[] {
  const id = documentOf(target, documents, action);
  const faults: string[] = [];
  if (documentOf(source, documents) === undefined) {
    faults.push(unknown(source, documents));
  }
  if (id === undefined) {
    faults.push(unknown(target, documents));
  } else if (
    action !== undefined &&
    workOf(action, documents.get(id) ?? new Map()) === undefined
  ) {
    const instead = hasBroker(id)
      ? "its events are published on the broker of that document"
      : "its events find nobody";
    faults.push(
      `No workflow of "${id}" has the action "${action}": ${instead}`,
    );
  }
  return faults.map((fault) => `${place} ${fault}`);
}

function unknown(name: string, documents: Documents): string {
  const nearest = nearestName(name, documents.keys());
  const hint = nearest === undefined ? "" : `: did you mean "${nearest}"?`;
  return `No document is called "${name}"${hint}`;
}
