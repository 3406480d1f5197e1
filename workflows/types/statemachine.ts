/**
 * The part of a document that says what its state machines are, what happens on
 * their transitions, and which resources they hold the state of.
 *
 * @module
 */
import { z } from "zod";
import {
  defineWorkflowType,
  type DispatchOptions,
  expression,
  type Host,
  type Issue,
  ref,
  refAny,
} from "@engine/define.ts";
import { chainOf } from "@engine/services/broker.ts";
import { Executor } from "@engine/services/executor.ts";
import { MessageHandler } from "@engine/services/message_handler.ts";
import { StateConnector } from "@engine/services/state_connector.ts";
import { type Hook, StateMachines } from "@engine/services/state_machines.ts";
import { Transformer } from "@engine/services/transformer.ts";
import { TransitionHandler } from "@engine/services/transition_handler.ts";
import { checkMachine } from "@engine/state/check.ts";
import type { MachineDefinition } from "@engine/state/definition.ts";
import { CONDITION_VARIABLES } from "@engine/state/transition.ts";
import { hookWork } from "./_hook_handler.ts";
import { checkHooks, checkTargets } from "./_hook_check.ts";
import { fireTransition } from "./_fire_transition.ts";

const state = z.strictObject({
  description: z.string().optional().describe("What the state means"),
  isFinal: z.boolean().default(false).describe(
    "Whether the instance is complete in it",
  ),
  isError: z.boolean().default(false).describe(
    "Whether reaching it is a failure, if it is final",
  ),
});

const stateName = z.string().min(1).meta({ scope: "state" });

const transition = z.strictObject({
  description: z.string().optional().describe("What the transition means"),
  fromState: stateName.describe("The state that it leads from"),
  toState: stateName.describe("The state that it leads to"),
  condition: expression(CONDITION_VARIABLES).optional()
    .describe(
      "Must hold for the transition to commit; over data (of the instance), input (what is sent along), id and state",
    )
    .meta({ examples: ["data.total > 0 && input.approved == true"] }),
  autoTransform: z.boolean().default(false).describe(
    "Whether it fires by itself once an instance has reached fromState",
  ),
});

const definition = z.strictObject({
  name: z.string().min(1).meta({ declares: "workflow" }).describe(
    "Its name, to which hooks, triggers and handlers refer",
  ),
  description: z.string().optional().describe("What it is for"),
  initialState: stateName.describe("The state in which instances begin"),
  states: z.record(z.string().min(1), state.nullable()).describe(
    "The states, by name",
  ),
  transitions: z.record(z.string().min(1), transition).default({})
    .meta({ declares: "action" }).describe("The transitions, by name"),
});

const hook = z.strictObject({
  workflowType: z.string().min(1).optional()
    .describe("Only for instances of this definition").meta({
      scope: "definition",
    }),
  transitions: z.array(z.string().min(1).meta({ scope: "transition" }))
    .optional()
    .describe("Only for these transitions"),
  fromStates: z.array(stateName).optional()
    .describe("Only for transitions from these states"),
  toStates: z.array(stateName).optional()
    .describe("Only for transitions to these states"),
  handler: refAny([TransitionHandler, MessageHandler, Executor, Transformer], {
    skippable: true,
    edge: {
      kind: "hook",
      source: "engine",
      label: ["transitions", "fromStates", "toStates"],
    },
  }).optional().describe(
    "The module that does the work, after the transition is committed",
  ),
  pipeline: z.string().min(1).meta({ scope: "pipeline" }).optional().describe(
    "The pipeline that begins, once for each transition, in place of a handler; " +
      "its input is the data of the instance, with workflowId, transitionId, " +
      "fromState and toState",
  ),
});

const mapping = z.strictObject({
  resourceType: z.string().min(1).describe(
    "The resources, as their handler calls them",
  ),
  stateMachine: ref(StateMachines).optional()
    .describe(
      "The engine that holds their state; by default the one of this section",
    ),
});

const config = z.strictObject({
  engine: ref(StateMachines, {
    conventional: ["statemachine.engine"],
    needed: true,
  })
    .optional().describe("The engine that keeps the machines"),
  connector: ref(StateConnector, {
    conventional: ["workflow.connector.statemachine"],
  })
    .optional().describe(
      "What is told which machines hold the state of which resources",
    ),
  definitions: z.array(definition).describe("The state machines"),
  hooks: z.array(hook).default([]).describe(
    "What happens on transitions, in this order",
  ),
  resourceMappings: z.array(mapping).optional().describe(
    "Which resources have their state here; by default those that are called like a definition, with _ for -",
  ),
});

type Config = z.output<typeof config>;

export default defineWorkflowType({
  type: "statemachine",
  summary: "Says what states things go through, and what happens on the way",
  config,
  inert: {
    modules: "a tracker takes part by being in the document",
    "definitions[].states.*.data": "a state has no data of its own",
    "definitions[].transitions.*.data":
      "a transition takes its data from who fires it",
    "resourceMappings[].instanceIDKey":
      "resources are tracked under the id of their instance",
  },
  check(config) {
    const machines = config.definitions.map(asMachine);
    return [
      ...machines.flatMap((machine, index) =>
        within(["definitions", index], checkMachine(machine))
      ),
      ...checkNames(machines),
      ...checkTargets(config.hooks),
      ...checkHooks(config.hooks, machines),
    ];
  },
  wire(config, host) {
    const { engine } = config;
    if (engine === undefined) {
      throw new TypeError("Cannot wire statemachine: it has no engine");
    }
    const machines = host.use(engine);
    const definitions = config.definitions.map(asMachine);
    const undo = [
      machines.define(
        definitions,
        config.hooks.flatMap((entry, index) =>
          resolve(entry, host).map((hook) =>
            counted(
              hook,
              `workflows.statemachine.hooks[${index}].handler`,
              host,
            )
          )
        ),
      ),
      connect(config, definitions, machines, host),
    ];
    return {
      definitions: definitions.map(({ name }) => name),
      execute: (action, data, workflow, options) =>
        fireTransition({
          machines,
          host,
          action,
          data,
          workflow,
          options: { ...namesOf(options), ...chainOf(options?.via) },
        }),
      unwire() {
        for (const undoOne of undo.toReversed()) undoOne();
      },
    };
  },
});

/** What names the request, and what asked for it. */
function namesOf(
  { idempotencyKey, source }: DispatchOptions = {},
): Pick<DispatchOptions, "idempotencyKey" | "source"> {
  return {
    ...idempotencyKey === undefined ? {} : { idempotencyKey },
    ...source === undefined ? {} : { source },
  };
}

function asMachine(
  { states, ...rest }: Config["definitions"][number],
): MachineDefinition {
  return {
    ...rest,
    states: Object.fromEntries(
      Object.entries(states).map((
        [name, value],
      ) => [name, value ?? PLAIN_STATE]),
    ),
  };
}

/** `paid:` without anything behind it is a state like any other. */
const PLAIN_STATE = { isFinal: false, isError: false };

/** A hook ready to be called; nothing where its handler cannot be found. */
function resolve(
  { workflowType, transitions, fromStates, toStates, ...target }:
    Config["hooks"][number],
  host: Host,
): Hook[] {
  const found = hookWork(target, host);
  if (found === undefined) {
    const { handler: name = "" } = target;
    const message =
      `A hook is left out: no module "${name}" can handle transitions`;
    host.log.warn(message, { handler: name });
    host.notify("notice", { message, severity: "warning", handler: name });
    return [];
  }
  return [{
    ...workflowType === undefined ? {} : { definition: workflowType },
    ...transitions === undefined ? {} : { transitions },
    ...fromStates === undefined ? {} : { fromStates },
    ...toStates === undefined ? {} : { toStates },
    ...found,
  }];
}

/** @param path Of the edge that the hook is. */
function counted(hook: Hook, path: string, host: Host): Hook {
  const { handler } = hook;
  return {
    ...hook,
    handler: {
      onTransition(...args) {
        host.carried(path);
        return handler.onTransition(...args);
      },
    },
  };
}

/** Tells the connector, if there is one, which resources have their state here. */
function connect(
  { connector, engine, resourceMappings }: Config,
  definitions: readonly MachineDefinition[],
  machines: StateMachines,
  host: Host,
): () => void {
  if (connector === undefined) return () => {};
  const names = definitions.map(({ name }) => name);
  const mappings = resourceMappings === undefined
    ? names.map((name) => ({
      resourceType: name.replaceAll("-", "_"),
      definitions: [name],
      machines,
    }))
    : resourceMappings.flatMap(
      ({ resourceType, stateMachine = engine ?? "" }) => {
        const other = engineNamed(stateMachine, host);
        if (other === undefined) {
          const message = `The state of "${resourceType}" is not tracked: ` +
            `no state machine engine is called "${stateMachine}"`;
          host.log.warn(message, { resourceType });
          host.notify("notice", { message, severity: "warning", resourceType });
          return [];
        }
        const definitions = other === machines
          ? names
          : other.definitions().map(({ name }) => name);
        return [{ resourceType, definitions, machines: other }];
      },
    );
  return host.use(connector).connect(mappings);
}

/** Older documents may put the name behind a prefix and a dot. */
function engineNamed(name: string, host: Host): StateMachines | undefined {
  for (const candidate of [name, name.slice(name.lastIndexOf(".") + 1)]) {
    if (host.provides(candidate, StateMachines)) return host.use(candidate);
  }
  return undefined;
}

function checkNames(machines: readonly MachineDefinition[]): Issue[] {
  const names = machines.map(({ name }) => name);
  return names.flatMap((name, index) =>
    names.indexOf(name) === index ? [] : [{
      code: "invalid-machine",
      path: ["definitions", index, "name"],
      severity: "warning",
      message:
        `Two state machines are called "${name}": this one takes the place ` +
        "of the one before",
    }]
  );
}

function within(path: Issue["path"], issues: readonly Issue[]): Issue[] {
  return issues.map((issue) => ({ ...issue, path: [...path, ...issue.path] }));
}
