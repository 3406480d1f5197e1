/**
 * Writes down what happens in an application: to the console, or to files that
 * are kept to a size.
 *
 * @module
 */
import { resolve } from "node:path";
import { z } from "zod";
import {
  defineModule,
  duration,
  durationMs,
  type Host,
  type Issue,
  type Lifecycle,
  path,
} from "@engine/define.ts";
import { EVENT_KINDS } from "@engine/events.ts";
import {
  type Health,
  HealthReporter,
} from "@engine/services/health_reporter.ts";
import { notPositive } from "../_positive_duration.ts";
import type { Level } from "./_event_line.ts";
import { EventTarget } from "./_event_target.ts";
import { RotatingFile } from "./_rotating_file.ts";

const MEGABYTE = 1_000_000;
const DAY_MS = 86_400_000;

const level = z.enum([
  "debug",
  "info",
  "warn",
  "error",
  "DEBUG",
  "INFO",
  "WARN",
  "ERROR",
]);

const format = z.enum(["structured", "json", "text"]);

const filters = z.array(z.string().min(1));

const target = z.strictObject({
  type: z.enum(["console", "file"]).default("console").describe(
    "Where to: the standard output of the process, or a file",
  ),
  level: level.optional().describe(
    "The least important events that go there; absent: as logLevel says",
  ),
  format: format.optional().describe(
    "How lines look there; absent: as format says",
  ),
  filters: filters.default([]).describe(
    "The types of events that go there, of those that eventTypeFilters lets through",
  ),
  console: z.strictObject({
    useColor: z.boolean().default(false).describe(
      "Show how important an event is in colour, with format: text",
    ),
    timestamps: z.boolean().default(true).describe(
      "Begin each line with the time, with format: text",
    ),
  }).prefault({}).describe("How the console looks"),
  file: z.strictObject({
    path: path().describe("The file"),
    maxSize: z.number().positive().default(100).meta({ unit: "MB" }).describe(
      "How large the file may grow; then a new one begins",
    ),
    maxBackups: z.int().min(0).max(1_000).default(5).meta({ unit: "count" })
      .describe("How many older files are kept"),
    maxAge: z.number().min(0).default(30).meta({ unit: "days" }).describe(
      "How long older files are kept; 0: as long as there are not too many",
    ),
  }).optional().describe("Which file, and how large it grows"),
});

const config = z.strictObject({
  enabled: z.boolean().default(true).describe("Write anything at all"),
  logLevel: level.default("INFO").describe(
    "The least important events that are written",
  ),
  format: format.default("structured").describe(
    "How lines look: JSON for machines (structured, json), or text for people",
  ),
  eventTypeFilters: filters.default([]).describe(
    "The types of events that are written, such as run or run.failed; none: all",
  ),
  eventTypeBlacklist: filters.default([]).describe(
    "The types of events that are not written",
  ),
  includeMetadata: z.boolean().default(true).describe(
    "Write what an event says beside its message",
  ),
  bufferSize: z.int().min(1).max(100_000).default(100).meta({ unit: "count" })
    .describe("How many events wait to be written together"),
  flushInterval: duration().default("1s").describe(
    "How long an event waits to be written",
  ),
  outputTargets: z.array(target).default([]).describe(
    "Where events are written; none: to the console",
  ),
});

type Config = z.output<typeof config>;
type Target = z.output<typeof target>;

const CONSOLE: Target = target.parse({});

export default defineModule({
  type: "eventlogger.modular",
  summary: "Writes down what happens in the application",
  stability: "stable",
  config,
  section: "eventlogger",
  inert: {
    includeStackTrace: "events have no stack traces",
    startupSync: "events of the start are written in their order",
    shutdownEmitStopped:
      "an application tells that it has stopped after its modules have",
    shutdownDrainTimeout: "what waits is written at once when it stops",
    excludeOwnEvents: "it tells of itself in the log, and by no event",
    "outputTargets[].file.compress": "older files stay as they are",
  },
  provides: [HealthReporter],
  check,
  examples: [{
    title: "Show on the console what fails",
    modules: [
      { name: "orders", type: "statemachine.engine" },
      {
        name: "events",
        type: "eventlogger.modular",
        config: {
          eventTypeBlacklist: ["traffic"],
          outputTargets: [{ type: "console", level: "ERROR", format: "text" }],
        },
      },
    ],
    workflows: {
      statemachine: {
        engine: "orders",
        definitions: [{
          name: "order",
          initialState: "new",
          states: { new: {}, taken: {} },
          transitions: { take: { fromState: "new", toState: "taken" } },
        }],
      },
    },
  }],
  create: (config, host) => new EventLogger(config, host),
});

class EventLogger implements HealthReporter, Lifecycle {
  readonly healthName: string;
  readonly #config: Config;
  readonly #host: Host;
  #targets: readonly EventTarget[] = [];
  #files: readonly RotatingFile[] = [];
  #unwatch = () => {};

  constructor(settings: Config, host: Host) {
    this.#config = settings;
    this.#host = host;
    this.healthName = `eventlogger.${host.name}`;
  }

  start(): void {
    const { enabled, outputTargets } = this.#config;
    if (!enabled) return;
    const wanted = outputTargets.length === 0 ? [CONSOLE] : outputTargets;
    this.#targets = wanted.map((each) => this.#target(each));
    this.#unwatch = this.#host.watch((event) => {
      for (const each of this.#targets) each.take(event);
    });
  }

  stop(): void {
    this.#unwatch();
    for (const each of this.#targets) each.end();
    for (const file of this.#files) file.close();
    this.#targets = [];
    this.#files = [];
  }

  health(): Promise<Health> {
    const faults = this.#targets.flatMap(({ fault }) => fault ?? []);
    return Promise.resolve(
      faults.length === 0
        ? { status: "healthy" }
        : { status: "degraded", message: faults.join("; ") },
    );
  }

  #target(wanted: Target): EventTarget {
    const { effects: { clock }, meter, name: module, log } = this.#host;
    const { includeMetadata, bufferSize, flushInterval } = this.#config;
    const isConsole = wanted.type === "console";
    const file = isConsole ? undefined : this.#open(wanted);
    return new EventTarget({
      name: file?.path ?? "the console",
      level: lower(wanted.level ?? this.#config.logLevel),
      types: [this.#config.eventTypeFilters, wanted.filters],
      without: this.#config.eventTypeBlacklist,
      format: (wanted.format ?? this.#config.format) === "text"
        ? "text"
        : "json",
      hasFacts: includeMetadata,
      hasTime: !isConsole || wanted.console.timestamps,
      hasColour: isConsole && wanted.console.useColor,
      linesMax: bufferSize,
      flushMs: durationMs(flushInterval),
      clock,
      write: file?.write ?? print,
      onFault: (fault) =>
        fault === undefined
          ? log.info("Events are written again")
          : log.error(fault),
      onLogged: (count, status) =>
        meter.record(
          "module_operations_total",
          { module, operation: "log", status },
          count,
        ),
    });
  }

  /** One that cannot be opened is tried again with each write. */
  #open({ file }: Target) {
    const path = resolve(this.#host.folder ?? "", file?.path ?? "");
    const rotating = new RotatingFile({
      path,
      bytesMax: (file?.maxSize ?? 100) * MEGABYTE,
      backupsMax: file?.maxBackups ?? 0,
      ageMsMax: (file?.maxAge ?? 0) * DAY_MS,
      now: this.#host.effects.clock.now,
    });
    this.#files = [...this.#files, rotating];
    return {
      path,
      write: (lines: readonly string[]) => rotating.write(lines),
    };
  }
}

function print(lines: readonly string[]): void {
  console.log(lines.join("\n"));
}

function lower(text: z.output<typeof level>): Level {
  return text.toLowerCase() as Level;
}

function check(
  { eventTypeFilters, eventTypeBlacklist, outputTargets, flushInterval }:
    Config,
): readonly Issue[] {
  return [
    ...notPositive({ flushInterval }),
    ...unknownTypes(eventTypeFilters, ["eventTypeFilters"]),
    ...unknownTypes(eventTypeBlacklist, ["eventTypeBlacklist"]),
    ...outputTargets.flatMap(({ type, file, filters }, index) => [
      ...unknownTypes(filters, ["outputTargets", index, "filters"]),
      ...(type === "file" && file === undefined
        ? [
          {
            code: "missing-key",
            path: ["outputTargets", index],
            message: "A target of type file needs file.path",
          } as const,
        ]
        : []),
    ]),
  ];
}

function unknownTypes(
  filters: readonly string[],
  path: Issue["path"],
): readonly Issue[] {
  return filters.flatMap((filter, index): readonly Issue[] => {
    const [kind = ""] = filter.split(".");
    if (kind === "*" || EVENT_KINDS.some((each) => each === kind)) return [];
    return [{
      code: "ineffective-key",
      path: [...path, index],
      message: `No event is called "${filter}"`,
      candidates: EVENT_KINDS,
      severity: "warning",
    }];
  });
}
