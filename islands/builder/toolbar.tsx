/**
 * The top of the builder: documents, how the application is, and what to do next.
 *
 * @module
 */
import { ask, at } from "../api.ts";
import { Icon } from "../icons.tsx";
import { Pill } from "../parts/pill.tsx";
import { useResource } from "../parts/resource.ts";
import { useStore } from "./context.ts";
import { Finder } from "./finder.tsx";
import { Menu } from "./menu.tsx";
import { openDialog } from "./dialogs.ts";
import { isReached, phase } from "./health.ts";
import { save } from "./save.ts";

interface DocumentRow {
  readonly id: string;
  readonly running: boolean;
}

export function Toolbar() {
  const store = useStore();
  const { value: documents } = useResource<readonly DocumentRow[]>(
    "/api/documents",
  );
  const errors =
    store.problems.value.filter(({ severity }) => severity === "error").length;
  return (
    <header class="top">
      <nav class="tabs" aria-label="Documents">
        {(documents ?? [{ id: store.id, running: true }]).map(({ id }) => (
          <a
            key={id}
            href={at(`/d/${encodeURIComponent(id)}`)}
            aria-current={id === store.id ? "page" : undefined}
          >
            {id}
            {id === store.id && store.isDirty.value && (
              <i title="Not saved" aria-label="Not saved"></i>
            )}
          </a>
        ))}
      </nav>
      <Finder />
      <span class="grow"></span>
      <CheckState />
      <Running />
      <span class="pill idle" hidden={errors === 0}>
        {errors} {errors === 1 ? "error" : "errors"}
      </span>
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
