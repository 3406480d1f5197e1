/**
 * The panel of what is chosen: a module with the form of its type, a tie, or
 * nothing yet. Every form is made of the schema; none is written by hand.
 *
 * @module
 */
import { useState } from "preact/hooks";
import {
  formatPath,
  type Path,
  type Problem,
} from "../../engine/config/problem.ts";
import { Icon } from "../icons.tsx";
import { Pill } from "../parts/pill.tsx";
import { Empty } from "../parts/states.tsx";
import { ALIGNMENTS } from "./align.ts";
import { placed, shapeOf } from "./arrange.ts";
import { ContainerPanel } from "./container_panel.tsx";
import { useStore } from "./context.ts";
import { EdgePanel } from "./edge_panel.tsx";
import { Field } from "./field.tsx";
import type { GraphModule } from "./graph.ts";
import { GroupActions, GroupPanel } from "./group_panel.tsx";
import { chosenGroup, forgetMembers } from "./group_actions.ts";
import { useHealth } from "./health.ts";
import { lookOf } from "./look.ts";
import { NameField } from "./name_field.tsx";
import { PathPanel } from "./path_panel.tsx";
import { Permissions } from "./permissions.tsx";
import { chosenContainer, chosenTie } from "./shown_containers.ts";
import { valueAt } from "./views.ts";

export function Inspector() {
  const store = useStore();
  const chosen = store.graph.value.modules.filter(({ name }) =>
    store.selection.value.has(name)
  );
  const [first] = chosen;
  const group = chosenGroup(store);
  const container = chosenContainer(store);
  const bundle = chosenTie(store);
  const part = partShown(store);
  return (
    <aside class="inspector" aria-label="Inspector">
      {first !== undefined && chosen.length === 1
        ? <ModulePanel key={first.name} module={first} />
        : chosen.length > 1
        ? <Several names={chosen.map(({ name }) => name)} />
        : group !== undefined
        ? <GroupPanel key={group.id} group={group} />
        : container !== undefined
        ? <ContainerPanel container={container} />
        : part !== undefined
        ? <PathPanel key={formatPath(part)} path={part} />
        : bundle !== undefined
        ? <EdgePanel bundle={bundle} />
        : (
          <Empty icon="state" title="Nothing is chosen">
            <p>
              Choose a module to see and change its settings, or press{" "}
              <kbd>A</kbd> to add one.
            </p>
          </Empty>
        )}
    </aside>
  );
}

/** What is chosen beside modules; else the machine or the pipeline that is shown. */
function partShown(store: ReturnType<typeof useStore>): Path | undefined {
  const value = store.good.value?.value;
  const view = store.view.value;
  const path = store.chosen.value;
  if (path && valueAt(value, path) !== undefined) return path;
  return "path" in view ? view.path : undefined;
}

function ModulePanel({ module }: { readonly module: GraphModule }) {
  const store = useStore();
  const [tab, setTab] = useState<Tab>("settings");
  const { name, type, index, config } = module;
  const look = lookOf(type);
  const entry = store.typeOf(type);
  const health = useHealth(name);
  const path = index === undefined ? undefined : ["modules", index] as const;
  const hasCode = type === "dynamic.component";
  return (
    <>
      <header class="head" data-hue={look.hue}>
        <span class="tile">
          <Icon name={look.icon} size={14} />
        </span>
        <div class="names">
          <strong title={name}>{name}</strong>
          <code>{type}</code>
        </div>
        <span class="grow"></span>
        {health && <Pill status={health.state} />}
        <CloseInspector />
      </header>
      {hasCode && <Segments tab={tab} onTab={setTab} />}
      {tab === "permissions" && hasCode
        ? <Permissions module={module} />
        : (
          <div class="form">
            {path === undefined
              ? (
                <p class="notice idle">
                  This module stands beside the document: it was sent, or lies
                  in a folder.
                </p>
              )
              : <NameField named={{ what: "module", name }} />}
            {entry === undefined
              ? <p class="notice fail">No type is called “{type}”.</p>
              : (
                <>
                  <p class="quiet">{entry.summary}.</p>
                  {path && entry.configFields.map((field) => (
                    <Field
                      key={field.key}
                      field={field}
                      path={[...path, "config", field.key]}
                      value={config[field.key]}
                    />
                  ))}
                </>
              )}
            {path && <OtherKeys module={module} path={path} />}
            {path && <Remove name={name} index={path[1]} />}
          </div>
        )}
    </>
  );
}

const TABS = ["settings", "permissions"] as const;

type Tab = (typeof TABS)[number];

function Segments(
  { tab, onTab }: {
    readonly tab: Tab;
    readonly onTab: (tab: Tab) => void;
  },
) {
  return (
    <div class="segments" role="tablist">
      {TABS.map((each) => (
        <button
          key={each}
          type="button"
          role="tab"
          aria-selected={tab === each}
          onClick={() => onTab(each)}
        >
          {each.charAt(0).toUpperCase() + each.slice(1)}
        </button>
      ))}
    </div>
  );
}

/** Lets go of what is chosen. */
export function CloseInspector() {
  const store = useStore();
  return (
    <button
      type="button"
      class="button icon small"
      aria-label="Close the inspector"
      title="Close (Escape)"
      onClick={() => store.select([])}
    >
      <Icon name="close" size={14} />
    </button>
  );
}

/** Keys that the type does not have: kept as they are, and told as problems. */
function OtherKeys(
  { module: { type, config }, path }: {
    readonly module: GraphModule;
    readonly path: Path;
  },
) {
  const known = useStore().typeOf(type)?.configFields ?? [];
  const others = Object.entries(config).filter(([key]) =>
    !known.some((field) => field.key === key)
  );
  if (others.length === 0) return null;
  return (
    <>
      <h3>Other keys</h3>
      {others.map(([key, value]) => (
        <Field
          key={key}
          field={{
            ...{ key, path: key, label: key, required: false },
            type: typeof value === "string" ? "string" : "json",
          }}
          path={[...path, "config", key]}
          value={value}
        />
      ))}
    </>
  );
}

function Remove(
  { name, index }: { readonly name: string; readonly index: number },
) {
  const store = useStore();
  return (
    <button
      type="button"
      class="button danger"
      onClick={() => {
        store.change(
          [{ do: "remove", path: ["modules", index] }],
          `Remove ${name}`,
        );
        forgetMembers(store, [name]);
        store.select([]);
      }}
    >
      Remove
    </button>
  );
}

function Several({ names }: { readonly names: readonly string[] }) {
  const store = useStore();
  const all = placed(
    shapeOf(store.graph.value),
    store.layout.value.views.modules ?? {},
  );
  const places = Object.fromEntries(
    names.flatMap((name) => all[name] ? [[name, all[name]]] : []),
  );
  return (
    <Empty icon="list" title={`${names.length} modules are chosen`}>
      <p>Move them together, copy them, or remove them with Delete.</p>
      <div class="align">
        {Object.entries(ALIGNMENTS).map(([name, align]) => (
          <button
            key={name}
            type="button"
            class="button"
            onClick={() => store.move("modules", align(places))}
          >
            {name}
          </button>
        ))}
      </div>
      <GroupActions />
    </Empty>
  );
}

/** The problems at a place of the document. */
export function problemsAt(
  problems: readonly Problem[],
  path: readonly (string | number)[],
): readonly Problem[] {
  const text = formatPath(path);
  return problems.filter((problem) => problem.path === text);
}
