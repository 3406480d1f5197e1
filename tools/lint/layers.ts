/**
 * The table of layers: which part of the project may import which. The lint
 * rule `workflow/import-direction` enforces it; `ARCHITECTURE.md` draws it.
 *
 * @module
 */
import { matches } from "./project_path.ts";

/** One part of the project and what its files may import. */
export interface Layer {
  /** What messages call it. */
  readonly name: string;
  /** The files that belong to it; the first layer that matches owns a file. */
  readonly files: readonly string[];
  /** The project files that it may import. */
  readonly imports: readonly string[] | "anything";
  /** Project files that it may import with `import type` only. */
  readonly types?: readonly string[];
  /** Whether it may import private files (see `isPrivateOf`). */
  readonly privateFiles?: boolean;
  /** Whether it must run in a browser: no `Deno`, no `node:` modules. */
  readonly browser?: boolean;
}

/** The parts of the engine that run in a browser as they do in a server. */
const PURE = [
  "engine/config/",
  "engine/derive/",
  "engine/errors.ts",
  "engine/expression/",
  "engine/fingerprint.ts",
  "engine/meta.ts",
  "engine/pipeline/",
  "engine/plan.ts",
  "engine/run/describe.ts",
  "engine/run/journal.ts",
  "engine/run/machine*",
  "engine/run/replay.ts",
  "engine/run/time_split.ts",
  "engine/schedule/cron*",
  "engine/schedule/fields.ts",
  "engine/schedule/due_step.ts",
  "engine/schedule/schedule_issues.ts",
  "engine/schedule/timing.ts",
  "engine/service.ts",
  "engine/state/",
  "engine/traceparent.ts",
];

/** What authors of module, step, trigger and workflow types build on. */
const AUTHORING = [
  "components/broker.ts",
  "components/grants.ts",
  "components/host_process.ts",
  "components/hosts.ts",
  "components/keyed_random.ts",
  "components/protocol.ts",
  "components/sandbox.ts",
  "components/source.ts",
  "components/type_check.ts",
  "components/type_fault.ts",
  "engine/component_contract.ts",
  "engine/config/nearest.ts",
  "engine/define.ts",
  "engine/errors.ts",
  "engine/events.ts",
  "engine/expression/",
  "engine/meta.ts",
  "engine/observe.ts",
  "engine/queue/queues.ts",
  "engine/outgoing/",
  "engine/peers.ts",
  "engine/records.ts",
  "engine/schedule/cron*",
  "engine/schedule/fields.ts",
  "engine/schedule/schedule_issues.ts",
  "engine/service.ts",
  "engine/services/",
  "engine/state/",
  "engine/traceparent.ts",
  "engine/tracing.ts",
];

/** All layers. A file in none of them is an error: a new folder gets a line here. */
const LAYERS: readonly Layer[] = [
  {
    name: "an entry point or tool",
    files: ["main.ts", "catalog.gen.ts", "cli/", "tests/", "bench/", "tools/"],
    imports: "anything",
  },
  {
    name: "a pure part of the engine",
    files: PURE,
    imports: PURE,
    types: ["engine/"],
    browser: true,
  },
  { name: "engine/", files: ["engine/"], imports: ["engine/"] },
  {
    name: "a type definition",
    files: ["modules/", "workflows/"],
    imports: AUTHORING,
    privateFiles: true,
  },
  {
    name: "components/",
    files: ["components/"],
    imports: [
      "components/",
      "engine/component_contract.ts",
      "engine/log.ts",
      "engine/outgoing/",
      "engine/store/store.ts",
      "engine/define.ts",
      "engine/effects.ts",
      "engine/errors.ts",
      "engine/meta.ts",
      "engine/service.ts",
      "engine/services/",
    ],
  },
  {
    name: "platform/",
    files: ["platform/"],
    imports: ["platform/", "components/", "engine/mod.ts"],
  },
  {
    name: "ai/",
    files: ["ai/"],
    imports: ["ai/", "platform/", "components/", "engine/mod.ts"],
  },
  {
    name: "routes/",
    files: ["routes/"],
    imports: [
      ...["routes/", "ai/", "platform/", "components/", "engine/mod.ts"],
      ...["islands/build.ts", "islands/kept.ts", "islands/icons.tsx"],
    ],
    types: ["islands/"],
  },
  {
    name: "the build of the islands",
    files: ["islands/build.ts", "islands/kept.ts", "islands/build_test.ts"],
    imports: ["islands/"],
  },
  {
    name: "islands/",
    files: ["islands/"],
    imports: ["islands/", ...PURE],
    types: ["engine/history/history_view.ts"],
    browser: true,
  },
  {
    name: "examples/",
    files: ["examples/"],
    imports: ["examples/", "components/sdk.ts"],
  },
  { name: "deploy/", files: ["deploy/"], imports: ["deploy/", "main.ts"] },
];

/** The layer that owns a file. */
export function layerOf(path: string): Layer | undefined {
  return LAYERS.find((layer) => matches(path, layer.files));
}

/** Whether a file of this layer may import a file of the project. */
export function mayImport(
  layer: Layer,
  importer: string,
  target: { readonly path: string; readonly isType: boolean },
): boolean {
  if (layer.imports === "anything") return true;
  if (matches(target.path, layer.imports)) return true;
  if (target.isType && matches(target.path, layer.types ?? [])) return true;
  return layer.privateFiles === true && isPrivateOf(importer, target.path);
}

/**
 * Type definitions share code in private files: a file or folder whose name
 * begins with an underscore may be imported from its own folder and below, so
 * that `modules/http/_pattern.ts` serves all of `modules/http/` and no one else.
 */
function isPrivateOf(importer: string, target: string): boolean {
  const end = target.indexOf("/_") + 1;
  return end > 0 && importer.startsWith(target.slice(0, end));
}
