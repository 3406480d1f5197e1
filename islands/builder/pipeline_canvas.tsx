/**
 * A pipeline on the canvas: its steps with their branches.
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
import { formatPath } from "../../engine/config/problem.ts";
import { Icon } from "../icons.tsx";
import { Empty } from "../parts/states.tsx";
import { arrange, placed } from "./arrange.ts";
import { stepTone, stepWord } from "../runs/step_status.ts";
import { useStore } from "./context.ts";
import { FlowCanvas } from "./flow_canvas.tsx";
import { stepIcon } from "./step_icons.ts";
import { type StepCard, type StepDiagram, stepsOf } from "./steps.ts";
import { type PartView, valueAt, viewText } from "./views.ts";

const NODE_TYPES = { step: StepNode };

export function PipelineCanvas(
  { view }: { readonly view: PartView },
) {
  const store = useStore();
  const { path } = view;
  const key = viewText(view);
  const pipeline = valueAt(store.good.value?.value, path);
  const diagram = useMemo(() => stepsOf(pipeline, path), [pipeline]);
  const kept = store.layout.value.views[key];
  const shape = useMemo(() => ({
    names: diagram.steps.map(({ id }) => id),
    ties: diagram.edges.map(({ source, target }) => [source, target] as const),
  }), [diagram]);
  const places = useMemo(() => placed(shape, kept ?? {}), [shape, kept]);
  const chosen = store.chosen.value && formatPath(store.chosen.value);
  const problems = store.problems.value;
  const nodes = diagram.steps.map((step): Node => ({
    id: step.id,
    type: "step",
    position: places[step.id] ?? { x: 0, y: 0 },
    selected: step.id === chosen,
    data: {
      step,
      problems: problems.filter(({ path, severity }) =>
        severity === "error" &&
        (path === step.id || path.startsWith(`${step.id}.`))
      ).length,
    },
  }));
  return (
    <FlowCanvas
      name={`Pipeline ${view.name}`}
      nodes={nodes}
      edges={edgesOf(diagram)}
      nodeTypes={NODE_TYPES}
      onMove={(moved) => store.move(key, moved)}
      onSelect={([...ids]) => {
        const step = diagram.steps.find(({ id }) => id === ids.at(-1));
        store.chosen.value = step?.path ?? path;
      }}
      onSelectEdge={() => {}}
      onTidy={() => store.move(key, arrange(shape))}
      isSequence
    >
      {diagram.steps.length === 0 && (
        <Empty icon="play" title="No steps yet">
          <p>
            Choose one on the left: it comes behind the step that is chosen.
          </p>
        </Empty>
      )}
    </FlowCanvas>
  );
}

function edgesOf({ edges }: StepDiagram): readonly Edge[] {
  return edges.map(({ source, target, label }) => ({
    id: `${source} ${target} ${label}`,
    ...{ source, target, label, type: "tie", data: {} },
    markerEnd: { type: MarkerType.ArrowClosed, width: 14, height: 14 },
    ariaLabel: `${source} comes before ${target}`,
  }));
}

function StepNode(
  { data: { step, problems }, selected }: {
    readonly data: { readonly step: StepCard; readonly problems: number };
    readonly selected?: boolean;
  },
) {
  const { name, what, when, notes } = step;
  const replay = useStore().replay.value;
  const status = replay && (replay.get(name) ?? "pending");
  const classes = [
    "node",
    selected && "chosen",
    problems > 0 && "bad",
    status !== undefined && `was-${stepTone(status)}`,
  ];
  const facts = [
    problems > 0 ? `${problems} problem${problems === 1 ? "" : "s"}` : "",
    when === "" ? "" : `if ${when}`,
    ...notes,
  ].filter((fact) => fact !== "");
  return (
    <div class={classes.filter(Boolean).join(" ")} data-hue="code">
      <Handle type="target" position={Position.Left} />
      <header>
        <span class="tile">
          <Icon name={stepIcon(what)} size={14} />
        </span>
        <div class="names">
          <strong title={name}>{name}</strong>
          <code title={what}>{what}</code>
        </div>
        {status !== undefined && (
          <span class={`dot ${stepTone(status)}`} title={stepWord(status)}>
            <span class="hidden">{stepWord(status)}</span>
          </span>
        )}
      </header>
      <footer hidden={facts.length === 0}>
        <span class={problems > 0 ? "problem" : ""} title={facts.join(", ")}>
          {facts.join(" · ")}
        </span>
      </footer>
      <Handle type="source" position={Position.Right} />
    </div>
  );
}
