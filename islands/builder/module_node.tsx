/**
 * A module on the canvas: icon, name, type, how it is, and two facts.
 *
 * @module
 */
import { Handle, Position } from "@xyflow/react";
import { Icon } from "../icons.tsx";
import { toneOf } from "../parts/pill.tsx";
import { useStore } from "./context.ts";
import { factsOf } from "./facts.ts";
import type { GraphModule } from "./graph.ts";
import { computed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { flowOf } from "./traffic.ts";
import { lookOf } from "./look.ts";
import { useHealth } from "./health.ts";

/** What a node is given. */
export interface ModuleNodeData extends Record<string, unknown> {
  readonly module: GraphModule;
  /** How many problems are in it. */
  readonly problems: number;
}

export function ModuleNode(
  { data: { module, problems }, selected }: {
    readonly data: ModuleNodeData;
    readonly selected?: boolean;
  },
) {
  const { name, type, config } = module;
  const store = useStore();
  const look = lookOf(type);
  const fields = store.typeOf(type)?.configFields ?? [];
  const facts = factsOf(fields, config);
  const health = useHealth(name);
  const grants = grantsOf(config);
  const tone = problems > 0 ? "fail" : toneOf(health?.state ?? "");
  const { passed, isLive } = useIncoming(name);
  const classes = [
    "node",
    selected && "chosen",
    problems > 0 && "bad",
    isLive.value && "live",
  ];
  const isBare = problems === 0 && grants === undefined &&
    facts.length === 0 && passed.value === 0;
  const second = passed.value > 0
    ? `${passed.value.toLocaleString()} in`
    : facts[1];
  return (
    <div class={classes.filter(Boolean).join(" ")} data-hue={look.hue}>
      <Handle type="target" position={Position.Left} />
      <header>
        <span class="tile">
          <Icon name={look.icon} size={14} />
        </span>
        <div class="names">
          <strong title={name}>{name}</strong>
          <code>{type}</code>
        </div>
        <span class={`dot ${tone}`} title={health?.state ?? "not running"} />
      </header>
      <footer hidden={isBare}>
        {problems > 0
          ? (
            <span class="problem">
              {problems} {problems === 1 ? "problem" : "problems"}
            </span>
          )
          : <span>{facts[0] ?? ""}</span>}
        {grants === undefined
          ? <span>{second ?? ""}</span>
          : (
            <span class="grants" title={grants.title}>
              <Icon name="lock" size={12} />
              {grants.text}
            </span>
          )}
      </footer>
      <Handle type="source" position={Position.Right} />
    </div>
  );
}

/** What came in along the ties of a module. */
function useIncoming(name: string) {
  const paths = useStore().tiesInto.value.get(name);
  return useMemo(() => ({
    passed: computed(() =>
      paths?.reduce((sum, path) => sum + flowOf(path).value.count, 0) ?? 0
    ),
    isLive: computed(() =>
      paths?.some((path) => flowOf(path).value.isLive) ?? false
    ),
  }), [paths]);
}

/** The permission badge of a module that has permissions. */
function grantsOf(
  { permissions, isolation }: Readonly<Record<string, unknown>>,
): { readonly text: string; readonly title: string } | undefined {
  if (isolation === "none") {
    return { text: "everything", title: "It may do all that the engine may" };
  }
  if (permissions === null || typeof permissions !== "object") return undefined;
  const given = Object.entries(permissions as Record<string, unknown>)
    .flatMap(([what, names]) =>
      Array.isArray(names) && names.length > 0 ? [[what, names] as const] : []
    );
  const [first] = given;
  if (first === undefined) return undefined;
  const title = given.map(([what, names]) => `${what}: ${names.join(", ")}`);
  const more = given.length > 1 ? ` +${given.length - 1}` : "";
  return {
    text: `${first[0]} ${first[1].length}${more}`,
    title: `May reach ${title.join("; ")}`,
  };
}
