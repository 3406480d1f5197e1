/**
 * Code of the document's own: a TypeScript file beside it. It runs in a sandbox
 * that has what the document grants, and nothing else.
 *
 * @module
 */
import { z } from "zod";
import {
  defineModule,
  durationMs,
  type Host,
  type Issue,
  path,
} from "@engine/define.ts";
import { type ExecuteOptions, Executor } from "@engine/services/executor.ts";
import { HttpHandler } from "@engine/services/http_handler.ts";
import { MessageHandler } from "@engine/services/message_handler.ts";
import { TransitionHandler } from "@engine/services/transition_handler.ts";
import { UserCode } from "@engine/services/user_code.ts";
import { messageOf } from "@engine/errors.ts";
import { checkedSource } from "./_checked_source.ts";
import { Counts } from "./_counts.ts";
import { DEFAULTS, SANDBOX_FIELDS } from "./_fields.ts";
import { answer, onTransition, receive } from "./_roles.ts";
import { sourceFile } from "./_load.ts";
import { SandboxedComponent } from "./_sandboxed_component.ts";
import type { ComponentSettings } from "./_settings.ts";
import { Turns } from "./_turns.ts";
import { TrustedComponent } from "./_trusted_component.ts";

const config = z.strictObject({
  componentId: z.string().min(1).optional()
    .describe(
      "What logs and errors call it; by default the name of the module",
    ),
  source: path().optional().describe(
    "The file with the code, relative to the document; a name that ends in .go, " +
      "as older documents have it, means the .ts file beside it",
  ),
  code: z.string().min(1).optional().describe(
    "The code itself, in place of a file; without both it comes over the API",
  ).meta({ widget: "code" }),
  optional: z.boolean().default(false).describe(
    "Run the document also if the code cannot be loaded: calls fail until it can",
  ),
  provides: z.array(z.string().min(1)).default([])
    .meta({ alias: true })
    .describe("Further names by which the document may refer to the module"),
  ...SANDBOX_FIELDS,
  isolation: z.enum(["shared", "process", "none"]).default("shared")
    .describe(
      "What keeps the code from others: a sandbox in a process that components share, or in one of its own; none runs it in the engine, with all that the engine may do",
    ),
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
  check,
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
  async examine({ source, code, isolation }, { folder, clock }) {
    const key = source === undefined ? "code" : "source";
    const wrong = (message: string): Issue => ({
      code: "invalid-value",
      path: [key],
      message,
    });
    try {
      const text = source === undefined || folder === undefined
        ? code
        : await Deno.readTextFile(await sourceFile(folder, source));
      // Without a sandbox there is no rule that code could break.
      if (text === undefined || isolation === "none") return [];
      const issues: Issue[] = [];
      await checkedSource(text, {
        ...{ title: source ?? "code", file: source ?? "code.ts", clock },
        onUnchecked: (message) =>
          issues.push({ ...wrong(message), severity: "warning" }),
      });
      return issues;
    } catch (error) {
      return [wrong(messageOf(error))];
    }
  },
  create(config, host) {
    const { isolation, permissions: grants, source, code } = config;
    // What comes over the API may be missing, too.
    const isOptional = config.optional || (source ?? code) === undefined;
    const settings = settingsOf(config, host);
    const counts = new Counts();
    const turns = new Turns(settings.atOnce);
    const component = isolation === "none"
      ? new TrustedComponent(host, settings, counts)
      : new SandboxedComponent(host, {
        ...{ ...settings, isolation, grants, isOptional },
      }, counts);
    const execute: Executor["execute"] = (params, options) =>
      host.tracing.active
        ? host.tracing.span(
          { name: `workflow.component.${host.name}` },
          () => call(params, options),
        )
        : call(params, options);
    const call = async (
      params: Parameters<Executor["execute"]>[0],
      options: ExecuteOptions,
    ) => {
      counts.calls++;
      try {
        return await turns.run(
          options.signal,
          () => component.execute(params, options),
        );
      } catch (error) {
        counts.failures++;
        throw error;
      }
    };
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
      source: () => component.source(),
      versions: () => component.versions(),
      text: (version) => component.text(version),
      replace: (text) => component.replace(text),
      rollback: (version) => component.rollback(version),
      turnOff: () => component.turnOff(),
      turnOn: () => component.turnOn(),
      forget: () => component.forget(),
      stop: () => component.stop(),
    };
  },
});

function check(
  { isolation, permissions, source, code, optional }: Config,
): readonly Issue[] {
  const issues: Issue[] = [];
  if (source !== undefined && code !== undefined) {
    issues.push({
      code: "invalid-value",
      path: ["code"],
      message: "Either the file or the code is given, not both",
      help: "Leave out source, or code",
    });
  }
  if (isolation !== "none") return issues;
  if (source === undefined) {
    issues.push({
      code: "missing-key",
      path: ["source"],
      message: "Code that runs with isolation: none is a file of the document",
      help: "Name the file as source, or let the code run in a sandbox",
    });
  }
  const without = {
    permissions: Object.values(permissions).some(isFull),
    optional,
  };
  for (const [key, isGiven] of Object.entries(without)) {
    if (!isGiven) continue;
    issues.push({
      code: "ineffective-key",
      path: [key],
      message: `${key} has no effect with isolation: none`,
      help: "Leave it out, or let the code run in a sandbox",
    });
  }
  return issues;
}

function settingsOf(config: Config, host: Host): ComponentSettings {
  const {
    maxExecutionTime,
    maxExecutionTimeSeconds,
    maxOutputSize,
    maxConcurrency,
  } = config;
  const executionMs = maxExecutionTimeSeconds !== undefined
    ? maxExecutionTimeSeconds * 1_000
    : maxExecutionTime === undefined
    ? DEFAULTS.executionMs
    : durationMs(maxExecutionTime);
  return {
    id: config.componentId ?? host.name,
    source: config.source,
    code: config.code,
    executionMs: executionMs > 0 ? executionMs : Infinity,
    atOnce: maxConcurrency > 0 ? maxConcurrency : Infinity,
    outputKeys: maxOutputSize > 0 ? maxOutputSize : Infinity,
    env: config.env,
    secrets: config.secrets,
    requires: config.requires,
  };
}

function isFull(list: readonly string[]): boolean {
  return list.length > 0;
}
