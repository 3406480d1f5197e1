/**
 * What steps of pipelines can ask a state machine engine to do.
 *
 * @module
 */
import { z } from "zod";
import type { ActionDefinition } from "@engine/define.ts";
import { RefusedError } from "@engine/errors.ts";
import type { Actions } from "@engine/services/actions.ts";
import { chainOf } from "@engine/services/broker.ts";
import type {
  MachineData,
  MachineInstance,
  StateMachines,
} from "@engine/services/state_machines.ts";

const id = z.string().min(1).describe("The instance");

const fireInput = z.strictObject({
  id,
  transition: z.string().min(1).describe("What it is to do"),
  data: z.record(z.string(), z.unknown()).default({}).describe(
    "Fields that are merged into the data of the instance",
  ),
  definition: z.string().min(1).optional().describe(
    "Refuse if the instance is of another definition",
  ),
  create: z.boolean().default(false).describe(
    "Make the instance first, if there is none; needs definition",
  ),
});

const getInput = z.strictObject({ id });

const instance = z.strictObject({
  id,
  definition: z.string().describe("What it is an instance of"),
  state: z.string().describe("The state that it is in"),
  data: z.record(z.string(), z.unknown()).describe("Its data"),
  completed: z.boolean().describe("Whether the state is final"),
});

/** The actions, by name. */
export const machineActions = {
  fire: {
    summary: "Commits a transition, once for each step of a run",
    input: fireInput,
    output: instance,
  },
  get: {
    summary: "Reads an instance; refuses not-found if there is none",
    input: getInput,
    output: instance,
  },
} satisfies Readonly<Record<string, ActionDefinition>>;

/** Does the actions. */
export function actingOn(machines: StateMachines): Actions {
  return {
    async act(action, input, { idempotencyKey, runId, via }) {
      if (action === "get") {
        const { id } = getInput.parse(input);
        const found = await machines.get(id);
        if (found !== undefined) return shown(found);
        throw new RefusedError("not-found", `No instance is called "${id}"`);
      }
      const { id, transition, definition, create, ...rest } = fireInput
        .parse(input);
      if (create && definition === undefined) {
        throw new RefusedError(
          "invalid-input",
          `Cannot make "${id}": the step does not say of which definition`,
        );
      }
      // The input was JSON, and its schema leaves the data as they are.
      const data = rest.data as MachineData;
      return shown(
        await machines.fire(id, transition, {
          ...{ data, idempotencyKey, ...chainOf(via) },
          ...definition === undefined ? {} : { definition },
          ...runId === undefined ? {} : { source: `run ${runId}` },
          ...create && definition !== undefined
            ? { create: { definition, data } }
            : {},
        }),
      );
    },
  };
}

function shown({ id, definition, state, data, completed }: MachineInstance) {
  return { id, definition, state, data, completed };
}
