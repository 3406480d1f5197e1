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

/** What is wrong with how hooks say what they do. */
export function checkTargets(
  hooks: readonly {
    readonly handler?: string | undefined;
    readonly pipeline?: string | undefined;
  }[],
): Issue[] {
  return hooks.flatMap(({ handler, pipeline }, index): Issue[] => {
    const path = ["hooks", index];
    if (handler === undefined && pipeline === undefined) {
      return [{
        code: "missing-key",
        path: [...path, "handler"],
        message: 'The hook needs "handler", or "pipeline" in its place',
      }];
    }
    return handler === undefined || pipeline === undefined ? [] : [{
      code: "invalid-value",
      path: [...path, "pipeline"],
      message: '"pipeline" is not valid beside "handler": name one of the two',
    }];
  });
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
