/**
 * The part of a document that says which services outside there are, and what is
 * done with them step by step.
 *
 * @module
 */
import { z } from "zod";
import {
  defineWorkflowType,
  type Host,
  type JsonObject,
  ref,
  type Wiring,
} from "@engine/define.ts";
import { RefusedError } from "@engine/errors.ts";
import {
  type ConnectorDefinition,
  Connectors,
} from "@engine/services/connectors.ts";
import { runAdHoc } from "./_ad_hoc_steps.ts";
import { connector, type ConnectorEntry } from "./_connector_schema.ts";
import { checkIntegration, TRANSFORM_VARIABLES } from "./_integration_check.ts";
import { compileIntegration, RETRY_DELAY } from "./_integration_pipeline.ts";

/** As the ids of a pipeline's steps. */
const stepName = z.string().regex(
  /^[A-Za-z_][A-Za-z0-9_-]{0,99}$/,
  "Expected a letter, then letters, digits, dashes and underscores, 100 at most",
);

const step = z.strictObject({
  name: stepName.describe("Its name, under which later steps find its result"),
  connector: z.string().min(1).describe("The connector that does it"),
  action: z.string().min(1).describe(
    "What it does: a method and a path for HTTP, in which {name} stands for a " +
      "field of input; query, execute, insert, update or delete for a database",
  ).meta({ examples: ["GET /customers/{id}"] }),
  input: z.record(z.string(), z.unknown()).default({}).describe(
    "What it is given. ${data.id} is of what the run was given, ${step.id} of " +
      "the result of an earlier step, ${step_error} why it failed, and " +
      "${a.b || c.d} the first that there is; what is not there is null",
  ),
  transform: z.string().optional().describe(
    "An expression over result, which reshapes the result",
  ).meta({
    widget: "expression",
    variables: TRANSFORM_VARIABLES,
    examples: ["{'id': result.id}"],
  }),
  onSuccess: z.string().optional().describe(
    "After a success: go on with this later step, or tell this message handler " +
      "or topic and go on",
  ),
  onError: z.string().optional().describe(
    "After the last attempt: go on with this later step, or tell this message " +
      "handler or topic and go on. Without it the run fails",
  ),
  retryCount: z.number().min(0).max(999).default(0).describe(
    "How often it is tried again after an error that may pass",
  ).meta({ unit: "count" }),
  retryDelay: z.string().default(RETRY_DELAY).describe(
    "The wait before each further attempt",
  ).meta({ widget: "duration", examples: ["2s"] }),
  retryBackoff: z.enum(["constant", "exponential"]).default("constant")
    .describe("Whether each wait is twice as long as the one before"),
});

const config = z.strictObject({
  registry: ref(Connectors).describe("The module that holds the connectors"),
  name: z.string().min(1).default("integration").meta({ declares: "pipeline" })
    .describe("The name of the pipeline that the steps make"),
  connectors: z.array(connector).min(1).describe("The services outside"),
  steps: z.array(step).default([]).describe("What is done, in order"),
  allowAdHoc: z.boolean().default(false).describe(
    "Run steps that a request brings along. Whoever may start this workflow may " +
      "then do anything that the connectors can",
  ),
});

type Section = z.output<typeof config>;

export default defineWorkflowType({
  type: "integration",
  summary: "Connects to services outside and calls them step by step",
  config,
  check: checkIntegration,
  wire(section, host): Wiring {
    const { registry, name, connectors, steps } = section;
    const undo = host.use(registry).define(connectors.map(definitionOf));
    return {
      unwire: undo,
      ...(steps.length === 0
        ? {}
        : { pipelines: { [name]: compileIntegration(section) } }),
      execute: (action, data, _workflow, options = {}) =>
        run(section, host, { action, data, ...options }),
    };
  },
});

/** The schema leaves what is written as it is; paths may lack their slash. */
function definitionOf(entry: ConnectorEntry): ConnectorDefinition {
  if (entry.type !== "webhook") return entry;
  const path = entry.config.path.replace(/^\/?/, "/");
  return { ...entry, config: { ...entry.config, path } };
}

interface Execution {
  readonly action: string;
  readonly data: JsonObject;
  readonly idempotencyKey?: string;
}

/**
 * What is dispatched under the type: `registry:flow` with steps of its own, or
 * anything else for the steps of the document.
 */
async function run(
  { registry, name, steps, allowAdHoc }: Section,
  host: Host,
  { action, data, ...options }: Execution,
): Promise<JsonObject> {
  const brings = data.steps !== undefined || data.connector !== undefined;
  const isAdHoc = allowAdHoc && brings;
  if (!isAdHoc && steps.length > 0 && name !== "integration") {
    return await host.dispatch(name, action, data, options);
  }
  const [target, ...rest] = action.split(":");
  if (target !== registry) {
    throw new RefusedError(
      "unknown-action",
      `Cannot do "${action}": expected "${registry}" or "${registry}:<flow>"`,
    );
  }
  if (!isAdHoc) {
    throw new RefusedError(
      "invalid-input",
      brings
        ? "Cannot run steps of a request: the section does not have allowAdHoc"
        : "Cannot run: the section has no steps, and the request brings none",
    );
  }
  return await runAdHoc({
    connectors: host.use(registry),
    flow: rest.join(":") || "flow",
    data,
    host,
    idempotencyKey: options.idempotencyKey ?? host.effects.ids.next(),
  });
}
