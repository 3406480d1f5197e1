/**
 * The builder: palette, canvas, inspector and text of one document.
 *
 * @module
 */
import type { Connection } from "@xyflow/react";
import { useEffect, useMemo, useState } from "preact/hooks";
import { ApiError } from "../api.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Empty, Failure } from "../parts/states.tsx";
import { Canvas } from "./canvas.tsx";
import { ConnectDialog, type Ends } from "./connect_dialog.tsx";
import { StoreProvider, useStore } from "./context.ts";
import { Dock } from "./dock.tsx";
import { followViews } from "./follow_name.ts";
import { watchHealth } from "./health.ts";
import { Inspector } from "./inspector.tsx";
import { useShortcuts } from "./keys.ts";
import { MachineCanvas } from "./machine_canvas.tsx";
import { take } from "./menu.tsx";
import { Palette } from "./palette.tsx";
import { PipelineCanvas } from "./pipeline_canvas.tsx";
import { SharedDialog } from "./shared_dialog.tsx";
import { StepPalette } from "./step_palette.tsx";
import { BuilderStore } from "./store.ts";
import { useTraffic } from "./traffic.ts";
import { Toolbar } from "./toolbar.tsx";
import { viewText } from "./views.ts";

export default function Builder(
  { document: id }: { readonly document: string },
) {
  const store = useMemo(() => new BuilderStore(id), [id]);
  useEffect(() => {
    void store.open().then(() => {
      const { searchParams } = new URL(location.href);
      store.showNamed(searchParams.get("view"));
      const node = searchParams.get("node");
      if (node !== null) store.select([node]);
    });
    const ends = [watchHealth(id), followViews(store)];
    return () => ends.forEach((end) => end());
  }, [store]);
  return (
    <StoreProvider value={store}>
      <Parts />
    </StoreProvider>
  );
}

function Parts() {
  const store = useStore();
  const [ends, setEnds] = useState<Ends>();
  useShortcuts(store);
  useTraffic(store.id);
  if (store.failure.value !== undefined) {
    return (
      <Failure
        title={`${store.id} cannot be opened`}
        error={store.failure.value}
        onRetry={() => void store.open()}
      />
    );
  }
  const view = store.view.value;
  const isEmpty = store.saved.value !== undefined &&
    store.graph.value.modules.length === 0;
  const connect = ({ source, target }: Connection) => {
    if (source && target && source !== target) setEnds({ source, target });
  };
  return (
    <div class="builder">
      <h1 class="hidden">{store.id}</h1>
      <Toolbar />
      {view.kind === "pipeline" ? <StepPalette view={view} /> : <Palette />}
      <div class="canvas" {...useFileDrop()}>
        {view.kind === "modules"
          ? <Canvas onConnect={connect} />
          : view.kind === "machine"
          ? <MachineCanvas key={viewText(view)} view={view} />
          : <PipelineCanvas key={viewText(view)} view={view} />}
        <ViewSwitch />
        {isEmpty && view.kind === "modules" && (
          <Empty icon="state" title="No modules yet">
            <p>
              Drag one from the left, press{" "}
              <kbd>A</kbd>, or write the text below.
            </p>
          </Empty>
        )}
      </div>
      <Inspector />
      <Dock />
      {ends && <ConnectDialog ends={ends} onClose={() => setEnds(undefined)} />}
      {store.question.value && <SharedDialog question={store.question.value} />}
      {store.conflict.value !== undefined && (
        <Conflict error={store.conflict.value} />
      )}
    </div>
  );
}

/** Takes a document that is dropped as a file. */
function useFileDrop() {
  const store = useStore();
  return {
    onDropCapture: (event: DragEvent) => {
      const [file] = event.dataTransfer?.files ?? [];
      if (!file) return;
      event.preventDefault();
      event.stopPropagation();
      void take(store, file);
    },
  };
}

/** Modules, machines and pipelines; the address says which is shown. */
function ViewSwitch() {
  const store = useStore();
  const views = store.views.value;
  if (views.length < 2) return null;
  const shown = viewText(store.view.value);
  function show(name: string): void {
    const url = new URL(location.href);
    url.searchParams.set("view", name);
    history.replaceState(null, "", url);
    store.showNamed(name);
  }
  return (
    <nav class="views" aria-label="Views">
      {views.map((view) => {
        const name = viewText(view);
        return (
          <button
            key={name}
            type="button"
            aria-pressed={name === shown}
            onClick={() => show(name)}
          >
            {view.kind === "modules" ? "Modules" : view.name}
          </button>
        );
      })}
    </nav>
  );
}

/** Somebody else has changed the document, or it could not be saved. */
function Conflict({ error }: { readonly error: unknown }) {
  const store = useStore();
  const close = () => {
    store.conflict.value = undefined;
  };
  const isChanged = error instanceof ApiError && error.status === 412;
  return (
    <Dialog
      title={isChanged
        ? "Somebody else has changed the document"
        : "It is not saved"}
      onClose={close}
      actions={isChanged && (
        <>
          <button
            type="button"
            class="button"
            onClick={() => void store.reload().then(close)}
          >
            Take theirs
          </button>
          <button
            type="button"
            class="button primary"
            onClick={() => void store.overwrite().then(close)}
          >
            Keep mine
          </button>
        </>
      )}
    >
      <p>
        {isChanged
          ? "Take their text, and yours can be had back with undo; or put yours in its place."
          : error instanceof Error
          ? error.message
          : String(error)}
      </p>
    </Dialog>
  );
}
