/**
 * What a link means: which document a name stands for, and which workflow of it
 * has an action. Pure; the rules are those of `docs/format.md`.
 *
 * @module
 */

/** The workflows of one document, with the actions that each declares. */
export type Workflows = ReadonlyMap<string, ReadonlySet<string> | undefined>;

/** What is known of the documents, by id. */
export type Documents = ReadonlyMap<string, Workflows>;

/** What stands before the name of a document proper: `01-`, `a-`, `workflow-b-`. */
const PREFIX = /^(?:(?:workflow|\d+|[a-z])[-_])+(?=.)/i;

/**
 * The document that a name means: the one with this id; else the only one whose
 * id is the same without what stands before the name proper; else the only one
 * that declares a workflow of this name; else, with an action, the only one of
 * which a workflow declares that.
 */
export function documentOf(
  name: string,
  documents: Documents,
  action?: string,
): string | undefined {
  if (documents.has(name)) return name;
  const bare = name.replace(PREFIX, "");
  const ids = [...documents];
  return only(ids.filter(([id]) => id.replace(PREFIX, "") === bare)) ??
    only(ids.filter(([, workflows]) => workflows.get(name) !== undefined)) ??
    (action === undefined ? undefined : only(
      ids.filter(([, workflows]) => workOf(action, workflows) !== undefined),
    ));
}

/** What a document does for an action. */
export interface Work {
  readonly workflow: string;
  readonly action: string;
}

/**
 * The workflow that does an action: the one that `workflow:action` names; else
 * the first that declares the action; else the pipeline of this name, which
 * begins. `undefined` if there is none.
 */
export function workOf(action: string, workflows: Workflows): Work | undefined {
  const colon = action.indexOf(":");
  const named = action.slice(0, colon);
  if (colon > 0 && workflows.has(named)) {
    return { workflow: named, action: action.slice(colon + 1) };
  }
  for (const [workflow, actions] of workflows) {
    if (actions?.has(action)) return { workflow, action };
  }
  if (workflows.get(action)?.size === 0) {
    return { workflow: action, action: "start" };
  }
  return undefined;
}

function only(
  found: readonly (readonly [string, Workflows])[],
): string | undefined {
  return found.length === 1 ? found[0]?.[0] : undefined;
}
