/**
 * The steps of a pipeline with their loops and branches, each as it was at an
 * entry of the journal.
 *
 * @module
 */
import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import type {
  Block,
  EachNode,
  PipelineNode,
  SwitchNode,
} from "@engine/pipeline/program.ts";
import { Icon } from "../icons.tsx";
import { countAt, lastAt } from "./changes.ts";
import type { Past } from "./past.ts";
import { StepCard } from "./step_card.tsx";

/** What all parts of the diagram know. */
export interface DiagramProps {
  readonly past: Past;
  readonly at: number;
  /** Changes with what the past holds. */
  readonly turn: number;
  readonly step: string | undefined;
  readonly onStep: (path: string) => void;
}

/** See the module comment. */
export function StepDiagram(props: DiagramProps): JSX.Element {
  const { program } = props.past;
  if (program === undefined) return <Flat {...props} />;
  const { body, onSuccess, onError } = program;
  return (
    <div class="diagram">
      <Steps {...props} block={body} prefix="" />
      {onSuccess && (
        <Group name="Then, if all went well">
          <Steps {...props} block={onSuccess} prefix="" />
        </Group>
      )}
      {onError && (
        <Group name="If the run fails">
          <Steps {...props} block={onError} prefix="" />
        </Group>
      )}
    </div>
  );
}

/** Without the text of the pipeline: the steps that the journal names. */
function Flat(props: DiagramProps): JSX.Element {
  return (
    <div class="diagram">
      <p class="notice idle">
        The text of this pipeline is not kept, so these are the steps that the
        journal names.
      </p>
      <ol class="steps">
        {[...props.past.steps.keys()].map((path) => (
          <li key={path}>
            <StepCard {...cardOf(props, path)} />
          </li>
        ))}
      </ol>
    </div>
  );
}

type BlockProps = DiagramProps & {
  readonly block: Block;
  /** Stands before the id of each step. */
  readonly prefix: string;
};

function Steps({ block, prefix, ...props }: BlockProps): JSX.Element {
  return (
    <ol class="steps">
      {block.map((node) => (
        <li key={node.id}>
          <Step {...props} node={node} prefix={prefix} />
        </li>
      ))}
    </ol>
  );
}

function Step(
  { node, prefix, ...props }: DiagramProps & {
    readonly node: PipelineNode;
    readonly prefix: string;
  },
): JSX.Element {
  const path = prefix + node.id;
  const handler = typeof node.onError === "string" ? undefined : node.onError;
  const undo = `${path}~compensate`;
  return (
    <>
      <StepCard {...cardOf(props, path)} node={node} />
      {node.kind === "each" && <Loop {...props} node={node} path={path} />}
      {node.kind === "parallel" && (
        <Branches>
          {node.branches.map(({ name, body }) => (
            <Branch key={name} name={name}>
              <Steps {...props} block={body} prefix={prefix} />
            </Branch>
          ))}
        </Branches>
      )}
      {node.kind === "switch" && (
        <Cases {...props} node={node} prefix={prefix} />
      )}
      {props.past.rowAt(undo, props.at) && (
        <Group name="Undone by">
          <StepCard {...cardOf(props, undo)} />
        </Group>
      )}
      {handler && (
        <Group name="If it fails">
          <Steps {...props} block={handler} prefix={prefix} />
        </Group>
      )}
    </>
  );
}

function Cases(
  { node, prefix, ...props }: DiagramProps & {
    readonly node: SwitchNode;
    readonly prefix: string;
  },
): JSX.Element {
  return (
    <Branches>
      {node.cases.map(({ when, body }, index) => (
        <Branch key={index} name={when?.text ?? "otherwise"}>
          <Steps {...props} block={body} prefix={prefix} />
        </Branch>
      ))}
    </Branches>
  );
}

/** One round of a loop: the one that began last, or one that was chosen. */
function Loop(
  { node, path, ...props }: DiagramProps & {
    readonly node: EachNode;
    readonly path: string;
  },
): JSX.Element {
  const { past, at } = props;
  const [chosen, setChosen] = useState<number>();
  const loop = past.loops.get(path);
  const newest = loop === undefined ? undefined : lastAt(loop.begun, at);
  const selected = roundOf(props.step, path);
  const round = selected ?? chosen ?? newest ?? 0;
  const items = loop?.items ?? 0;
  const go = (to: number) => {
    setChosen(to);
    if (selected !== undefined) props.onStep(path);
  };
  return (
    <Group
      name={items === 0 ? "For each item" : `Item ${round + 1} of ${items}`}
      tools={items > 1 && (
        <>
          <button
            type="button"
            class="button icon small turned"
            aria-label="Item before"
            disabled={round === 0}
            onClick={() => go(round - 1)}
          >
            <Icon name="right" size={14} />
          </button>
          <button
            type="button"
            class="button icon small"
            aria-label="Next item"
            disabled={round >= items - 1}
            onClick={() => go(round + 1)}
          >
            <Icon name="right" size={14} />
          </button>
          {(chosen ?? selected) !== undefined && (
            <button
              type="button"
              class="button small"
              onClick={() => {
                setChosen(undefined);
                if (selected !== undefined) props.onStep(path);
              }}
            >
              Follow
            </button>
          )}
        </>
      )}
    >
      <Steps {...props} block={node.body} prefix={`${path}[${round}]/`} />
    </Group>
  );
}

/** The round of a loop in which a step stands. */
function roundOf(step: string | undefined, loop: string): number | undefined {
  if (!step?.startsWith(`${loop}[`)) return undefined;
  const round = parseInt(step.slice(loop.length + 1));
  return Number.isNaN(round) ? undefined : round;
}

function Group(
  { name, tools, children }: {
    readonly name: string;
    readonly tools?: ComponentChildren;
    readonly children: ComponentChildren;
  },
): JSX.Element {
  return (
    <section class="step-group" aria-label={name}>
      <header>
        <span>{name}</span>
        {tools}
      </header>
      {children}
    </section>
  );
}

function Branches(
  { children }: { readonly children: ComponentChildren },
): JSX.Element {
  return <div class="branches">{children}</div>;
}

function Branch(
  { name, children }: {
    readonly name: string;
    readonly children: ComponentChildren;
  },
): JSX.Element {
  return (
    <section class="branch" aria-label={name}>
      <span class="branch-name" title={name}>{name}</span>
      {children}
    </section>
  );
}

function cardOf({ past, at, step, onStep }: DiagramProps, path: string) {
  const row = past.rowAt(path, at);
  const loop = past.loops.get(path);
  const begun = countAt(loop?.begun ?? [], at);
  return {
    ...{ path, row, onStep },
    isSelected: step === path,
    rounds: loop === undefined ? undefined : `${begun} of ${loop.items}`,
  };
}
