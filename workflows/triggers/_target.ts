/**
 * What a trigger runs: a pipeline, or an action of a workflow.
 *
 * @module
 */
import { z } from "zod";
import type { Issue } from "@engine/define.ts";

/** The keys that name the target. */
export const targetKeys = {
  pipeline: z.string().min(1).meta({ scope: "pipeline" }).optional().describe(
    "The pipeline that begins; in place of workflow and action",
  ),
  workflow: z.string().min(1).meta({ scope: "workflow" }).optional().describe(
    "The name of a state machine definition, a workflow type such as messaging, or a pipeline",
  ),
  action: z.string().min(1).meta({ scope: "action" }).optional().describe(
    "What the workflow is to do: of a state machine a transition, of messaging the topic to publish to",
  ),
};

/** What a trigger names. */
export interface Target {
  readonly pipeline?: string | undefined;
  readonly workflow?: string | undefined;
  readonly action?: string | undefined;
}

/** The workflow and the action, whichever way they are named. */
export function targetOf({ pipeline, workflow, action }: Target): {
  readonly workflow: string;
  readonly action: string;
} {
  return { workflow: pipeline ?? workflow ?? "", action: action ?? "start" };
}

/** What is wrong with how the target at `path` is named. */
export function checkTarget(
  { pipeline, workflow, action }: Target,
  path: Issue["path"],
): readonly Issue[] {
  if (pipeline !== undefined) {
    const stray = workflow !== undefined ? "workflow" : "action";
    if (workflow === undefined && action === undefined) return [];
    return [{
      code: "invalid-value",
      path: [...path, stray],
      message: `"${stray}" is not valid beside "pipeline": name one of the two`,
    }];
  }
  return Object.entries({ workflow, action }).flatMap(([key, value]) =>
    value !== undefined ? [] : [{
      code: "missing-key",
      path: [...path, key],
      message: `The trigger needs "${key}", or "pipeline" in its place`,
    }]
  );
}
