/**
 * The builder: palette, canvas, inspector and text of the document that is shown,
 * of those that are open.
 *
 * @module
 */
import type { Connection } from "@xyflow/react";
import { useEffect, useMemo, useState } from "preact/hooks";
import { Empty, Failure } from "../parts/states.tsx";
import { Begin } from "./begin.tsx";
import { Canvas } from "./canvas.tsx";
import { CommandMenu } from "./command_menu.tsx";
import { ContainerCanvas } from "./container_canvas.tsx";
import { ConflictDialog } from "./conflict_dialog.tsx";
import { ConnectDialog, type Ends } from "./connect_dialog.tsx";
import {
  DocumentsProvider,
  StoreProvider,
  useDocuments,
  useStore,
} from "./context.ts";
import { DeployDialog } from "./deploy_dialog.tsx";
import { closeDialog, dialog } from "./dialogs.ts";
import { Dock } from "./dock.tsx";
import { take } from "./files.ts";
import { followViews } from "./follow_name.ts";
import { watchHealth } from "./health.ts";
import { Inspector } from "./inspector.tsx";
import { useShortcuts } from "./keys.ts";
import { KeysDialog } from "./keys_dialog.tsx";
import { MachineCanvas } from "./machine_canvas.tsx";
import { OpenDocuments, shownOf } from "./open_documents.ts";
import { addressOf } from "./open_tabs.ts";
import { Palette } from "./palette.tsx";
import { Notice } from "./notice.tsx";
import { Opening } from "./opening.tsx";
import { PipelineCanvas } from "./pipeline_canvas.tsx";
import { SharedDialog } from "./shared_dialog.tsx";
import { StepPalette } from "./step_palette.tsx";
import type { BuilderStore } from "./store.ts";
import { useTraffic } from "./traffic.ts";
import { TieDialog } from "./tie_dialog.tsx";
import { Toolbar } from "./toolbar.tsx";
import { ViewSwitch } from "./view_switch.tsx";
import { viewText } from "./views.ts";

/** How long after a choice the address says it: browsers allow few changes. */
const TELL_AFTER_MS = 150;

export default function Builder(
  { document: first }: {
    /** What is shown if nothing was open; empty if there is no document. */
    readonly document: string;
  },
) {
  const documents = useMemo(() => new OpenDocuments(first), []);
  useEffect(() => documents.follow(), [documents]);
  const store = documents.shown.value;
  return (
    <DocumentsProvider value={documents}>
      {store === undefined ? <Begin /> : (
        <StoreProvider value={store}>
          <Shown />
        </StoreProvider>
      )}
    </DocumentsProvider>
  );
}

/** The document that is shown: the bar stays when another takes its place. */
function Shown() {
  const store = useStore();
  const documents = useDocuments();
  useAddress(store);
  useEffect(() => watchHealth(store.id), [store]);
  useEffect(() => followViews(store), [store]);
  // What was asked about one document is not asked about another.
  useEffect(() => () => {
    dialog.value = undefined;
  }, [store]);
  const failure = store.failure.value;
  const isThere = store.saved.value !== undefined;
  const read = () => void documents.read(store);
  return (
    <div
      class={isThere || failure !== undefined ? "builder" : "builder opening"}
      aria-busy={!isThere && failure === undefined}
    >
      <h1 class="hidden">{store.id}</h1>
      <Toolbar />
      {failure !== undefined
        ? (
          <div class="unopened">
            <Failure
              title={`${store.id} cannot be opened`}
              error={failure}
              onRetry={read}
            />
          </div>
        )
        : isThere
        ? <Parts key={store.id} />
        : <Opening key={store.id} id={store.id} onRetry={read} />}
    </div>
  );
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
    <>
      {view.kind === "pipeline" ? <StepPalette view={view} /> : <Palette />}
      <div class="canvas" {...useFileDrop()}>
        {view.kind === "modules"
          ? <Canvas onConnect={connect} />
          : view.kind === "containers"
          ? <ContainerCanvas />
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
        {isEmpty && !("name" in view) && (
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
        <ConflictDialog error={store.conflict.value} />
      )}
    </>
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

/** Reads the document, and lets the address say what is shown of it. */
function useAddress(store: BuilderStore): void {
  const documents = useDocuments();
  const address = addressOf(shownOf(store));
  const isRead = store.saved.value !== undefined;
  useEffect(() => void documents.begin(store), [store]);
  useEffect(() => {
    if (!isRead) return;
    const timer = setTimeout(() => documents.tell(store), TELL_AFTER_MS);
    return () => clearTimeout(timer);
  }, [store, isRead, address]);
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
