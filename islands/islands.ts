/**
 * The parts of pages that do something, by name.
 *
 * @module
 */

/** Each is loaded when a page has it. Its default export is the component. */
export const ISLANDS = {
  account: () => import("./account.tsx"),
  audit: () => import("./audit/audit.tsx"),
  builder: () => import("./builder/builder.tsx"),
  component: () => import("./components/one.tsx"),
  components: () => import("./components/components.tsx"),
  deadLetters: () => import("./dead_letters/dead_letters.tsx"),
  events: () => import("./events/events.tsx"),
  health: () => import("./health/health.tsx"),
  instance: () => import("./instances/one.tsx"),
  instances: () => import("./instances/instances.tsx"),
  run: () => import("./runs/run.tsx"),
  runs: () => import("./runs/runs.tsx"),
  schedules: () => import("./schedules/schedules.tsx"),
};

/** What a page may name. */
export type IslandName = keyof typeof ISLANDS;

/** What an island is given: JSON. */
export type IslandProps<N extends IslandName> = Parameters<
  Awaited<ReturnType<(typeof ISLANDS)[N]>>["default"]
>[0];
