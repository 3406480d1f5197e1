/**
 * The top of the builder: documents, how the application is, and what to do next.
 *
 * @module
 */
import { ask } from "../api.ts";
import { Icon } from "../icons.tsx";
import { Pill } from "../parts/pill.tsx";
import { useStore } from "./context.ts";
import { DocumentTabs } from "./document_tabs.tsx";
import { Finder } from "./finder.tsx";
import { Menu } from "./menu.tsx";
import { dialog, openDialog } from "./dialogs.ts";
import { isReached, phase } from "./health.ts";
import { RollBack } from "./roll_back.tsx";
import { save } from "./save.ts";

export function Toolbar() {
  const store = useStore();
  const errors =
    store.problems.value.filter(({ severity }) => severity === "error").length;
  return (
    <header class="top">
      <DocumentTabs />
      <Finder key={store.id} />
      <span class="grow"></span>
      <CheckState />
      <Running />
      <span class="pill idle" hidden={errors === 0}>
        {errors} {errors === 1 ? "error" : "errors"}
      </span>
      {dialog.value !== "deploy" && <RollBack />}
      <button
        type="button"
        class="button"
        title="Save (Ctrl S)"
        disabled={!store.isDirty.value || errors > 0 || store.isSaving.value}
        onClick={() => void save(store)}
      >
        {store.isSaving.value ? "Saving" : "Save"}
      </button>
      <button
        type="button"
        class="button primary"
        disabled={!store.canDeploy.value}
        onClick={() => openDialog("deploy")}
      >
        <Icon name="play" size={14} /> Deploy
      </button>
      <Menu />
    </header>
  );
}

/** Says so where the text is not checked yet, and that takes a while. */
function CheckState() {
  const { checking, text } = useStore();
  const isChecked = checking.said.value?.text === text.value;
  return (
    <span role="status">
      {isChecked
        ? null
        : checking.isLate.value
        ? (
          <span class="pill wait" title="The engine has not answered yet">
            Not checked
          </span>
        )
        : <span class="pill idle belated">Checking</span>}
    </span>
  );
}

function Running() {
  const store = useStore();
  const count = store.graph.value.modules.length;
  if (!isReached.value) return <Pill status="not reached" tone="fail" />;
  const word = phase.value ?? "not running";
  const tone = phase.value === undefined
    ? "idle"
    : phase.value === "running"
    ? "ok"
    : "wait";
  return (
    <Pill
      status={`${word} · ${count} ${count === 1 ? "module" : "modules"}`}
      tone={tone}
    />
  );
}

/** What a changed document would mean for runs. */
export function impactOf<T>(id: string, text: string): Promise<T> {
  const path = `/api/documents/${encodeURIComponent(id)}/impact`;
  return ask<T>(path, { method: "POST", body: text });
}
