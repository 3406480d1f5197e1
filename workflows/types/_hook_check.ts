/**
 * Finds names in hooks that mean nothing. A hook that can never apply is no
 * error, since older documents hold such hooks and run.
 *
 * @module
 */
import type { Issue } from "@engine/define.ts";
import type { MachineDefinition } from "@engine/state/definition.ts";

/** The criteria of one hook. */
interface Criteria {
  readonly workflowType?: string | undefined;
  readonly transitions?: readonly string[] | undefined;
  readonly fromStates?: readonly string[] | undefined;
  readonly toStates?: readonly string[] | undefined;
}

/** Warnings, with paths from the section downwards. */
export function checkHooks(
  hooks: readonly Criteria[],
  machines: readonly MachineDefinition[],
): Issue[] {
  return hooks.flatMap((hook, index) => {
    const path = ["hooks", index];
    const { workflowType } = hook;
    const meant = workflowType === undefined
      ? machines
      : machines.filter(({ name }) => name === workflowType);
    if (meant.length === 0 && workflowType !== undefined) {
      return [
        unknown([...path, "workflowType"], "state machine", workflowType),
      ];
    }
    const transitions = new Set(
      meant.flatMap(({ transitions }) => Object.keys(transitions)),
    );
    const states = new Set(meant.flatMap(({ states }) => Object.keys(states)));
    return [
      ...unknowns(
        [...path, "transitions"],
        "transition",
        hook.transitions,
        transitions,
      ),
      ...unknowns([...path, "fromStates"], "state", hook.fromStates, states),
      ...unknowns([...path, "toStates"], "state", hook.toStates, states),
    ];
  });
}

function unknowns(
  path: Issue["path"],
  kind: string,
  names: readonly string[] | undefined,
  known: ReadonlySet<string>,
): Issue[] {
  return (names ?? []).flatMap((name, index) =>
    known.has(name) ? [] : [unknown([...path, index], kind, name)]
  );
}

function unknown(path: Issue["path"], kind: string, name: string): Issue {
  return {
    code: "unresolved-reference",
    path,
    severity: "warning",
    message: `No ${kind} is called "${name}", so the hook never applies to it`,
  };
}
