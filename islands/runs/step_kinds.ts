/**
 * The steps of a pipeline as the diagram shows them.
 *
 * @module
 */
import type { PipelineNode, Task } from "@engine/pipeline/program.ts";
import type { IconName } from "../icons.tsx";

/** How a kind of step looks. */
export interface StepKind {
  readonly icon: IconName;
  /** The category whose hue its icon has. */
  readonly hue: string;
  /** What it does, as the document says it. */
  readonly text: string;
}

/** Tells what a step is. */
export function kindOf(node: PipelineNode): StepKind {
  switch (node.kind) {
    case "task":
      return taskKind(node.task);
    case "each":
      return { icon: "redo", hue: "data", text: `for each ${node.as}` };
    case "parallel":
      return { icon: "list", hue: "state", text: "side by side" };
    case "switch":
      return { icon: "route", hue: "state", text: "the first that holds" };
    case "wait":
      if (node.approval) {
        return { icon: "check", hue: "auth", text: "waits for a decision" };
      }
      return node.signal
        ? { icon: "message", hue: "messaging", text: "waits for a signal" }
        : { icon: "clock", hue: "time", text: "waits" };
  }
}

function taskKind({ target }: Task): StepKind {
  switch (target.kind) {
    case "component":
      return { icon: "code", hue: "code", text: `component:${target.module}` };
    case "pipeline":
      return { icon: "route", hue: "state", text: `pipeline:${target.id}` };
    case "action":
      return {
        icon: "box",
        hue: "storage",
        text: `${target.module}.${target.action}`,
      };
    case "step": {
      const [icon, hue] = STEP_LOOKS[target.type.split(".")[0] ?? ""] ??
        ["box", "data"];
      return { icon, hue, text: target.type };
    }
  }
}

const STEP_LOOKS: Readonly<Record<string, readonly [IconName, string]>> = {
  http: ["http", "http"],
  respond: ["http", "http"],
  publish: ["message", "messaging"],
  log: ["list", "observe"],
  sleep: ["clock", "time"],
  fail: ["warning", "auth"],
  set: ["code", "data"],
};
