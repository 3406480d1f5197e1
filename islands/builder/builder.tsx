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
import { CommandMenu } from "./command_menu.tsx";
import { ConnectDialog, type Ends } from "./connect_dialog.tsx";
import { StoreProvider, useStore } from "./context.ts";
import { DeployDialog } from "./deploy_dialog.tsx";
import { closeDialog, dialog } from "./dialogs.ts";
import { Dock } from "./dock.tsx";
import { take } from "./files.ts";
import { watchHealth } from "./health.ts";
import { Inspector } from "./inspector.tsx";
import { useShortcuts } from "./keys.ts";
import { KeysDialog } from "./keys_dialog.tsx";
import { MachineCanvas } from "./machine_canvas.tsx";
import { Palette } from "./palette.tsx";
import { Notice } from "./notice.tsx";
import { Opening } from "./opening.tsx";
import { PipelineCanvas } from "./pipeline_canvas.tsx";
import { SharedDialog } from "./shared_dialog.tsx";
import { StepPalette } from "./step_palette.tsx";
import { BuilderStore } from "./store.ts";
import { useTraffic } from "./traffic.ts";
import { TieDialog } from "./tie_dialog.tsx";
import { Toolbar } from "./toolbar.tsx";
import { ViewSwitch } from "./view_switch.tsx";
import { viewText } from "./views.ts";

export default function Builder(
  { document: id }: { readonly document: string },
) {
  const store = useMemo(() => new BuilderStore(id), [id]);
  useEffect(() => {
    void open(store);
    return watchHealth(id);
  }, [store]);
  return (
    <StoreProvider value={store}>
      <Whole />
    </StoreProvider>
  );
}

/** Reads the document, and shows of it what the address names. */
async function open(store: BuilderStore): Promise<void> {
  await store.open();
  const { searchParams } = new URL(location.href);
  store.showNamed(searchParams.get("view"));
  const node = searchParams.get("node");
  if (node !== null) store.select([node]);
}

/** The document once it is there. */
function Whole() {
  const store = useStore();
  if (store.failure.value !== undefined) {
    return (
      <Failure
        title={`${store.id} cannot be opened`}
        error={store.failure.value}
        onRetry={() => void open(store)}
      />
    );
  }
  return store.saved.value === undefined
    ? <Opening id={store.id} onRetry={() => void open(store)} />
    : <Parts />;
}

function Parts() {
  const store = useStore();
  const [ends, setEnds] = useState<Ends>();
  useShortcuts(store);
  useTraffic(store.id);
  const view = store.view.value;
  const { said, isLate } = store.checking;
  const isAwaited = view.kind === "modules" && said.value === undefined &&
    !isLate.value;
  const isEmpty = store.graph.value.modules.length === 0;
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
        <Notice />
        {isAwaited && (
          <div class="state belated" role="status">
            <p>Drawing the modules</p>
          </div>
        )}
        {isEmpty && view.kind === "modules" && (
          <Empty icon="state" title="No modules yet">
            <p>
              Drag one from the left, press <kbd>A</kbd> to look for one or{" "}
              <kbd>Ctrl K</kbd> for anything, or write the text below.
            </p>
          </Empty>
        )}
      </div>
      <Inspector />
      <Dock />
      <OpenDialog onTie={setEnds} />
      {ends && <ConnectDialog ends={ends} onClose={() => setEnds(undefined)} />}
      {store.question.value && <SharedDialog question={store.question.value} />}
      {store.conflict.value !== undefined && (
        <Conflict error={store.conflict.value} />
      )}
    </div>
  );
}

/** What was opened by a command. */
function OpenDialog({ onTie }: { readonly onTie: (ends: Ends) => void }) {
  const name = dialog.value;
  if (name === undefined) return null;
  const onClose = () => closeDialog(name);
  switch (name) {
    case "commands":
      return <CommandMenu onClose={onClose} />;
    case "deploy":
      return <DeployDialog onClose={onClose} />;
    case "keys":
      return <KeysDialog onClose={onClose} />;
    case "tie":
      return <TieDialog onTie={onTie} onClose={onClose} />;
  }
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
