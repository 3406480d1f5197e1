/**
 * The tools at the foot of the canvas: zoom, fit, tidy, undo and redo.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { type Node, useReactFlow, useViewport } from "@xyflow/react";
import { Icon, type IconName } from "../icons.tsx";
import { useStore } from "./context.ts";
import { useFitAll } from "./fit.ts";

export function Tools(
  { onTidy, nodes, children }: {
    readonly onTidy: () => void;
    /** All of them, also those that are drawn as a picture. */
    readonly nodes: readonly Node[];
    readonly children?: ComponentChildren;
  },
) {
  const { zoomIn, zoomOut, zoomTo } = useReactFlow();
  const fit = useFitAll(nodes);
  const { zoom } = useViewport();
  const { history, ...store } = useTools();
  return (
    <div class="tools" role="toolbar" aria-label="Canvas">
      <Tool
        icon="undo"
        name={named("Undo", history.undoLabel.value)}
        keys="Ctrl Z"
        isOff={history.undoLabel.value === undefined}
        onClick={store.undo}
      />
      <Tool
        icon="redo"
        name={named("Redo", history.redoLabel.value)}
        keys="Ctrl Shift Z"
        isOff={history.redoLabel.value === undefined}
        onClick={store.redo}
      />
      <Tool icon="minus" name="Zoom out" onClick={() => void zoomOut()} />
      <button
        type="button"
        class="button icon zoom number"
        title="Zoom to 100 %"
        onClick={() => void zoomTo(1)}
      >
        {Math.round(zoom * 100)} %
      </button>
      <Tool icon="plus" name="Zoom in" onClick={() => void zoomIn()} />
      <Tool
        icon="fit"
        name="Show all"
        onClick={fit}
      />
      <Tool icon="tidy" name="Tidy" onClick={onTidy} />
      {children}
    </div>
  );
}

function useTools() {
  const store = useStore();
  return {
    history: store.history,
    undo: () => store.undo(),
    redo: () => store.redo(),
  };
}

function named(verb: string, label: string | undefined): string {
  return label === undefined ? verb : `${verb}: ${label}`;
}

function Tool(
  { icon, name, keys, isOff = false, onClick }: {
    readonly icon: IconName;
    readonly name: string;
    readonly keys?: string;
    readonly isOff?: boolean;
    readonly onClick: () => void;
  },
) {
  return (
    <button
      type="button"
      class="button icon"
      title={keys === undefined ? name : `${name} (${keys})`}
      aria-label={name}
      disabled={isOff}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
