/**
 * Code of the document's own: a TypeScript file beside it. It runs in a sandbox
 * that has what the document grants, and nothing else.
 *
 * @module
 */
import { z } from "zod";
import {
  defineModule,
  duration,
  durationMs,
  type Host,
  path,
  secret,
} from "@engine/define.ts";
import { type ExecuteOptions, Executor } from "@engine/services/executor.ts";
import { HttpHandler } from "@engine/services/http_handler.ts";
import { MessageHandler } from "@engine/services/message_handler.ts";
import { TransitionHandler } from "@engine/services/transition_handler.ts";
import { UserCode } from "@engine/services/user_code.ts";
import { answer, onTransition, receive } from "./_roles.ts";
import { SandboxedComponent } from "./_sandboxed_component.ts";
import {
  type ComponentSettings,
  TrustedComponent,
} from "./_trusted_component.ts";

const HOST =
  /^(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9-]+(:\d{1,5})?$|^\[[0-9a-f:.]+\](:\d{1,5})?$/i;

const DEFAULTS = { executionMs: 30_000, outputKeys: 1_000 } as const;

const config = z.strictObject({
  componentId: z.string().min(1).optional()
    .describe(
      "What logs and errors call it; by default the name of the module",
    ),
  source: path().describe(
    "The file with the code, relative to the document; a name that ends in .go, " +
      "as older documents have it, means the .ts file beside it",
  ),
  provides: z.array(z.string().min(1)).default([])
    .meta({ alias: true })
    .describe("Further names by which the document may refer to the module"),
  requires: z.array(z.string().min(1)).default([])
    .describe(
      "Modules whose actions the code may call: init is given them by name, and each call as ctx.services",
    ),
  isolation: z.enum(["shared", "process", "none"]).default("shared")
    .describe(
      "What keeps the code from others: a sandbox in a process that components share, or in one of its own; none runs it in the engine, with all that the engine may do",
    ),
  permissions: z.strictObject({
    net: z.array(
      z.string().regex(
        HOST,
        "Expected a host, such as api.example.com, *.example.com or localhost:8080",
      ),
    )
      .default([])
      .describe(
        "Hosts that ctx.fetch reaches, with a port if it is not that of the scheme; a private address must be named as it is",
      ),
    read: z.array(z.string().min(1)).default([])
      .describe(
        "Files and folders that ctx.read reaches, relative to the document",
      ),
    write: z.array(z.string().min(1)).default([])
      .describe(
        "Files and folders that ctx.write reaches, relative to the document",
      ),
    env: z.array(z.string().min(1)).default([])
      .describe("Environment variables that ctx.env(name) gives"),
  }).prefault({}).describe(
    "What the code may reach; nothing that is not listed",
  ),
  env: z.record(z.string().min(1), z.string()).default({})
    .describe("Values that ctx.env(name) gives")
    .meta({ examples: [{ REGION: "${REGION:-eu}" }] }),
  secrets: z.record(z.string().min(1), secret()).default({})
    .describe(
      "Values that ctx.secrets stands for: they take the place of what is found there on the way to a granted host",
    ),
  maxExecutionTime: duration().optional()
    .describe(
      "How long one call may take, 30 seconds by default; 0 for no limit",
    ),
  maxExecutionTimeSeconds: z.number().min(0).optional()
    .describe("maxExecutionTime as a number; holds if both are given").meta({
      unit: "s",
    }),
  maxOutputSize: z.int().min(0).default(DEFAULTS.outputKeys)
    .describe(
      "How many keys a result may have at its top level; 0 for no limit",
    )
    .meta({ unit: "count" }),
});

type Config = z.output<typeof config>;

const PAYMENT = `export const contract = {
  requiredInputs: { amount: "float" },
  outputs: { status: "string" },
};

export function execute({ amount }: { amount: number }) {
  return amount <= 1000
    ? { status: "approved", amount }
    : { status: "declined", reason: "insufficient_funds" };
}
`;

export default defineModule({
  type: "dynamic.component",
  summary: "Runs code that stands beside the document",
  stability: "beta",
  config,
  check: ({ isolation, permissions }) =>
    isolation === "none" && Object.values(permissions).some(isFull)
      ? [{
        code: "ineffective-key" as const,
        path: ["permissions"],
        message: "Permissions have no effect with isolation: none",
        help: "Leave them out, or let the code run in a sandbox",
      }]
      : [],
  provides: [
    Executor,
    TransitionHandler,
    MessageHandler,
    HttpHandler,
    UserCode,
  ],
  metrics: {
    component_refusals_total: {
      kind: "counter",
      help: "What components asked for and were not granted",
      labels: ["component", "capability"],
    },
  },
  examples: [{
    title: "Answer a request with code of your own",
    files: {
      "components/payment.ts": PAYMENT,
    },
    modules: [
      { name: "server", type: "http.server", config: { address: ":8080" } },
      { name: "router", type: "http.router" },
      {
        name: "payment",
        type: "dynamic.component",
        config: { source: "./components/payment.ts", maxExecutionTime: "10s" },
      },
    ],
    workflows: {
      http: {
        routes: [{ method: "POST", path: "/pay", handler: "payment" }],
      },
    },
    exchanges: [{
      request: { method: "POST", path: "/pay", body: { amount: 12 } },
      response: { status: 200, body: { status: "approved", amount: 12 } },
    }, {
      request: { method: "POST", path: "/pay", body: { amount: 5000 } },
      response: { status: 200, body: { status: "declined" } },
    }, {
      request: { method: "POST", path: "/pay", body: { amount: "much" } },
      response: { status: 400 },
    }],
  }],
  create(config, host) {
    const { isolation, permissions: grants } = config;
    const settings = settingsOf(config, host);
    const component = isolation === "none"
      ? new TrustedComponent(host, settings)
      : new SandboxedComponent(host, { ...settings, isolation, grants });
    const execute = (
      params: Parameters<Executor["execute"]>[0],
      options: ExecuteOptions,
    ) => component.execute(params, options);
    return {
      isolation,
      execute,
      onTransition: (event, context) => onTransition(execute, event, context),
      receive: (message) => receive(execute, message, host.signal),
      handle: (context) => answer(execute, context, host),
      start: () => component.start(),
      open: () => component.opened(),
      info: () => component.info(),
      manifest: () => component.manifest(),
      counts: () => component.counts(),
      versions: () => component.versions(),
      text: (version) => component.text(version),
      rollback: (version) => component.rollback(version),
      stop: () => component.stop(),
    };
  },
});

function settingsOf(config: Config, host: Host): ComponentSettings {
  const { maxExecutionTime, maxExecutionTimeSeconds, maxOutputSize } = config;
  const executionMs = maxExecutionTimeSeconds !== undefined
    ? maxExecutionTimeSeconds * 1_000
    : maxExecutionTime === undefined
    ? DEFAULTS.executionMs
    : durationMs(maxExecutionTime);
  return {
    id: config.componentId ?? host.name,
    source: config.source,
    executionMs: executionMs > 0 ? executionMs : Infinity,
    outputKeys: maxOutputSize > 0 ? maxOutputSize : Infinity,
    env: config.env,
    secrets: config.secrets,
    requires: config.requires,
  };
}

function isFull(list: readonly string[]): boolean {
  return list.length > 0;
}
