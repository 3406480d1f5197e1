/**
 * A state machine on the canvas: states are cards, transitions are ties.
 *
 * @module
 */
import {
  type Edge,
  Handle,
  MarkerType,
  type Node,
  Position,
} from "@xyflow/react";
import { useMemo } from "preact/hooks";
import { formatPath, type Path } from "../../engine/config/problem.ts";
import { at } from "../api.ts";
import { Icon, type IconName } from "../icons.tsx";
import { queryOf } from "../instances/instance_filter.ts";
import { Empty } from "../parts/states.tsx";
import { arrange, placed } from "./arrange.ts";
import { useStore } from "./context.ts";
import { FlowCanvas } from "./flow_canvas.tsx";
import { phase } from "./health.ts";
import { addState, addTransition } from "./machine_edits.ts";
import { type Machine, machineOf, type MachineState } from "./machine.ts";
import { useStateCounts } from "./state_counts.ts";
import { type PartView, valueAt, viewText } from "./views.ts";

const NODE_TYPES = { state: StateNode };

export function MachineCanvas(
  { view }: { readonly view: PartView },
) {
  const store = useStore();
  const { path } = view;
  const key = viewText(view);
  const definition = valueAt(store.good.value?.value, path);
  const machine = useMemo(() => machineOf(definition), [definition]);
  const kept = store.layout.value.views[key];
  const shape = useMemo(() => shapeOf(machine), [machine]);
  const places = useMemo(() => placed(shape, kept ?? {}), [shape, kept]);
  const isRunning = phase.value !== undefined;
  const counts = useStateCounts(store.id, view.name, isRunning);
  const chosen = store.chosen.value && formatPath(store.chosen.value);
  const nodes = machine.states.map((state): Node => ({
    id: state.name,
    type: "state",
    position: places[state.name] ?? { x: 0, y: 0 },
    selected: chosen === formatPath([...path, "states", state.name]),
    data: { state, count: counts.get(state.name) },
  }));
  return (
    <FlowCanvas
      name={`State machine ${view.name}`}
      nodes={nodes}
      edges={edgesOf(machine, path, chosen)}
      nodeTypes={NODE_TYPES}
      onConnect={(connection) => addTransition(store, connection)}
      onMove={(moved) => store.move(key, moved)}
      onSelect={([...ids]) => {
        const name = ids.at(-1);
        store.chosen.value = name === undefined
          ? undefined
          : [...path, "states", name];
      }}
      onSelectEdge={(id) => store.chosen.value = [...path, "transitions", id]}
      onTidy={() => store.move(key, arrange(shape))}
    >
      <div class="add">
        <button
          type="button"
          class="button"
          onClick={() => addState(store)}
        >
          <Icon name="plus" size={14} /> State
        </button>
        {isRunning && <InstancesLink view={view} />}
      </div>
      {machine.states.length === 0 && (
        <Empty icon="state" title="No states yet">
          <p>Add one, and draw transitions from one to the next.</p>
        </Empty>
      )}
    </FlowCanvas>
  );
}

/** To the instances of the machine. */
function InstancesLink({ view: { name } }: { readonly view: PartView }) {
  const store = useStore();
  const place = queryOf({
    application: store.id,
    machine: keeperOf(store.good.value?.value),
    definition: name,
  });
  return (
    <a class="button" href={at(`/instances${place}`)}>
      <Icon name="stage" size={14} /> Instances
    </a>
  );
}

/** The module that keeps the machines, if the document names it. */
function keeperOf(value: unknown): string | undefined {
  const engine = valueAt(value, ["workflows", "statemachine", "engine"]);
  return typeof engine === "string" ? engine : undefined;
}

function shapeOf({ states, transitions }: Machine) {
  const names = new Set(states.map(({ name }) => name));
  return {
    names: [...names],
    ties: transitions
      .filter(({ from, to }) => names.has(from) && names.has(to))
      .map(({ name, from, to }) => [from, to, name] as const),
  };
}

function edgesOf(
  { states, transitions }: Machine,
  path: Path,
  chosen: string | undefined,
): readonly Edge[] {
  const names = new Set(states.map(({ name }) => name));
  return transitions
    .filter(({ from, to }) => names.has(from) && names.has(to))
    .map(({ name, from, to, isAuto, condition }) => {
      const place = formatPath([...path, "transitions", name]);
      const classes = [isAuto && "implied", place === chosen && "chosen"];
      return {
        id: name,
        source: from,
        target: to,
        type: "tie",
        label: condition === "" ? name : `${name} · if`,
        data: {},
        className: classes.filter(Boolean).join(" "),
        markerEnd: { type: MarkerType.ArrowClosed, width: 14, height: 14 },
        ariaLabel: `Transition ${name} from ${from} to ${to}`,
      };
    });
}

const ICONS: Readonly<Record<MachineState["kind"], IconName>> = {
  initial: "play",
  plain: "state",
  final: "check",
  error: "warning",
};

const TONES: Readonly<Record<MachineState["kind"], string>> = {
  initial: "run",
  plain: "",
  final: "ok",
  error: "fail",
};

function StateNode(
  { data: { state, count }, selected }: {
    readonly data: {
      readonly state: MachineState;
      /** How many instances are in it, if any are. */
      readonly count: string | undefined;
    };
    readonly selected?: boolean;
  },
) {
  const { name, kind, description } = state;
  return (
    <div class={selected ? "node chosen" : "node"} data-hue="state">
      <Handle type="target" position={Position.Left} />
      <header>
        <span class={`tile ${TONES[kind]}`}>
          <Icon name={ICONS[kind]} size={14} />
        </span>
        <div class="names">
          <strong title={name}>{name}</strong>
          <code>{kind === "plain" ? "state" : kind}</code>
        </div>
        {count !== undefined && (
          <span class="state-count" title={`Instances here: ${count}`}>
            <span class="hidden">Instances:</span>
            {count}
          </span>
        )}
      </header>
      {description !== "" && (
        <footer>
          <span>{description}</span>
        </footer>
      )}
      <Handle type="source" position={Position.Right} />
    </div>
  );
}
