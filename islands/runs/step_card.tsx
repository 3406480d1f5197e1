/**
 * One step in the diagram.
 *
 * @module
 */
import type { JSX } from "preact";
import { memo } from "preact/compat";
import { useEffect, useRef } from "preact/hooks";
import type { PipelineNode } from "@engine/pipeline/program.ts";
import type { StepRow } from "@engine/run/describe.ts";
import { Icon } from "../icons.tsx";
import { lengthText } from "../parts/time.ts";
import { kindOf } from "./step_kinds.ts";
import { stepTone, stepWord } from "./step_status.ts";

/** Between a card and the edge of what is seen, in pixels. */
const AIR_PX = 24;

/** What a card shows. */
export interface StepCardProps {
  readonly path: string;
  /** As it was; absent if it had not come up. */
  readonly row: StepRow | undefined;
  /** Absent where the pipeline is not known. */
  readonly node?: PipelineNode;
  /** How many rounds of a loop had begun. */
  readonly rounds: string | undefined;
  readonly isSelected: boolean;
  readonly onStep: (path: string) => void;
}

/** Drawn again only if it has changed: a play head passes thousands of entries. */
export const StepCard = memo(function StepCard(
  { path, row, node, rounds, isSelected, onStep }: StepCardProps,
): JSX.Element {
  const kind = node && kindOf(node);
  const name = path.slice(path.lastIndexOf("/") + 1);
  const status = row?.status ?? "pending";
  const card = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isSelected && card.current) bringIntoBox(card.current);
  }, [isSelected]);
  return (
    <button
      ref={card}
      type="button"
      class={`step-card tone-${stepTone(status)}`}
      data-status={status}
      data-path={path}
      aria-pressed={isSelected}
      onClick={() => onStep(path)}
    >
      <span class={`tile hue-${kind?.hue ?? "storage"}`}>
        <Icon name={kind?.icon ?? "box"} size={14} />
      </span>
      <span class="step-name">
        <strong title={name}>{name}</strong>
        <code title={kind?.text}>{kind?.text ?? path}</code>
      </span>
      <span class="step-state">
        <span class="step-word">{stepWord(status)}</span>
        <small>{[rounds, factOf(row)].filter(Boolean).join(" · ")}</small>
      </span>
    </button>
  );
});

/** Scrolls the diagram as little as shows the card; never the page. */
function bringIntoBox(card: HTMLElement): void {
  const box = card.closest(".run-diagram");
  if (box === null || box.scrollHeight <= box.clientHeight) return;
  const [inner, outer] = [card, box].map((each) =>
    each.getBoundingClientRect()
  );
  if (inner === undefined || outer === undefined) return;
  const below = inner.bottom + AIR_PX - outer.bottom;
  const above = inner.top - AIR_PX - outer.top;
  if (below > 0) box.scrollTop += below;
  else if (above < 0) box.scrollTop += above;
}

/** How often, or how long. */
function factOf(row: StepRow | undefined): string {
  if (row === undefined) return "";
  const { attempts, durationMs } = row;
  const tries = attempts > 1 ? `${attempts} attempts` : "";
  const took = durationMs === undefined || row.status === "skipped"
    ? ""
    : lengthText(durationMs);
  return [tries, took].filter(Boolean).join(" · ");
}
