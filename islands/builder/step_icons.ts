/**
 * The icon of a step, on its card and in the palette.
 *
 * @module
 */
import type { IconName } from "../icons.tsx";

/** By the first part of what a step does. */
const ICONS: Readonly<Record<string, IconName>> = {
  component: "code",
  module: "box",
  pipeline: "play",
  http: "http",
  log: "list",
  publish: "message",
  respond: "leave",
  sql: "database",
  statemachine: "state",
  wait: "clock",
  sleep: "clock",
  parallel: "route",
  switch: "route",
  each: "list",
  set: "list",
  fail: "warning",
};

/** @param what Such as `http.request` or `component:price`. */
export function stepIcon(what: string): IconName {
  const [first = ""] = what.split(/[.: ]/);
  return ICONS[first] ?? "play";
}
