/**
 * The top of the builder: documents, how the application is, and what to do next.
 *
 * @module
 */
import { useState } from "preact/hooks";
import { ask, at } from "../api.ts";
import { Icon } from "../icons.tsx";
import { Pill } from "../parts/pill.tsx";
import { useResource } from "../parts/resource.ts";
import { useStore } from "./context.ts";
import { Finder } from "./finder.tsx";
import { Menu } from "./menu.tsx";
import { DeployDialog } from "./deploy_dialog.tsx";
import { isReached, phase } from "./health.ts";
import { RollBack } from "./roll_back.tsx";

interface DocumentRow {
  readonly id: string;
  readonly running: boolean;
}

export function Toolbar() {
  const store = useStore();
  const { value: documents } = useResource<readonly DocumentRow[]>(
    "/api/documents",
  );
  const [isDeploying, setDeploying] = useState(false);
  const errors =
    store.problems.value.filter(({ severity }) => severity === "error").length;
  const isNew = store.running.value !== store.text.value;
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
      <Running />
      <span class="pill idle" hidden={errors === 0}>
        {errors} {errors === 1 ? "error" : "errors"}
      </span>
      {!isDeploying && <RollBack />}
      <button
        type="button"
        class="button"
        title="Save (Ctrl S)"
        disabled={!store.isDirty.value || errors > 0}
        onClick={() => void save(store)}
      >
        Save
      </button>
      <button
        type="button"
        class="button primary"
        disabled={!isNew || errors > 0}
        onClick={() => setDeploying(true)}
      >
        <Icon name="play" size={14} /> Deploy
      </button>
      <Menu />
      {isDeploying && <DeployDialog onClose={() => setDeploying(false)} />}
    </header>
  );
}

function Running() {
  const store = useStore();
  const count = store.graph.value.modules.length;
  if (!isReached.value) return <Pill status="not reached" tone="fail" />;
  if (phase.value === undefined) return <Pill status="not running" />;
  return (
    <span class={`pill ${phase.value === "running" ? "ok" : "wait"}`}>
      {phase.value.charAt(0).toUpperCase() + phase.value.slice(1)} · {count}
      {" "}
      {count === 1 ? "module" : "modules"}
    </span>
  );
}

/** Saves; that somebody else was faster is asked about. */
export async function save(
  store: ReturnType<typeof useStore>,
): Promise<void> {
  try {
    await store.save();
  } catch (error) {
    store.conflict.value = error;
  }
}

/** What a changed document would mean for runs. */
export function impactOf<T>(id: string, text: string): Promise<T> {
  const path = `/api/documents/${encodeURIComponent(id)}/impact`;
  return ask<T>(path, { method: "POST", body: text });
}
