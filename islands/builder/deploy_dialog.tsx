/**
 * Shows what a deployment would change, and does it: modules that restart, runs
 * that cannot go on, permissions that are widened, and the lines of the text.
 *
 * @module
 */
import { useEffect, useState } from "preact/hooks";
import { ask } from "../api.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Failure, Loading } from "../parts/states.tsx";
import { useStore } from "./context.ts";
import { deploy as deployText } from "./deployment.ts";
import type { Sketch } from "./graph.ts";
import { grantsIn } from "./grants.ts";
import { tell } from "./notice.tsx";
import { RollBack } from "./roll_back.tsx";
import { TextDiff } from "./text_diff.tsx";
import { impactOf } from "./toolbar.tsx";

interface Impact {
  readonly runs?: readonly unknown[];
  readonly [field: string]: unknown;
}

interface Differences {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly restarted: readonly string[];
  /** Grants that are new. */
  readonly widened: readonly string[];
  readonly impact: Impact | undefined;
}

export function DeployDialog({ onClose }: { readonly onClose: () => void }) {
  const store = useStore();
  const [differences, setDifferences] = useState<Differences>();
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const before = store.running.value ?? "";
  const text = store.text.value;
  useEffect(() => {
    differencesOf(store.id, before, text).then(setDifferences, setError);
  }, [text]);
  async function deploy(): Promise<void> {
    setBusy(true);
    try {
      await deployText(store);
      tell(`${store.id} runs as it is written`);
      onClose();
    } catch (reason) {
      setError(reason);
      setBusy(false);
    }
  }
  return (
    <Dialog
      title={`Deploy ${store.id}`}
      onClose={onClose}
      isWide
      actions={
        <>
          <button type="button" class="button" onClick={onClose}>
            Not now
          </button>
          {error !== undefined && <RollBack onDone={onClose} />}
          <button
            type="button"
            class="button primary"
            disabled={isBusy || differences === undefined}
            onClick={() => void deploy()}
          >
            {isBusy ? "Deploying" : "Deploy"}
          </button>
        </>
      }
    >
      {error !== undefined && (
        <Failure
          title="It is not deployed, and what ran runs on"
          error={error}
        />
      )}
      {differences === undefined
        ? error === undefined && <Loading name="Differences" rows={4} />
        : <Summary {...differences} />}
      {store.running.value === undefined && (
        <p class="quiet">
          It does not run yet, and is started beside what runs. When the engine
          starts again, it runs if --config names its file or its folder.
        </p>
      )}
      <TextDiff before={before} after={text} />
    </Dialog>
  );
}

function Summary({ added, removed, restarted, widened, impact }: Differences) {
  const held = impact?.runs?.length ?? 0;
  return (
    <dl class="facts">
      <Names title="Begin" names={added} />
      <Names title="Restart" names={restarted} />
      <Names title="End" names={removed} />
      <Names title="Permissions widened" names={widened} isWarning />
      {held > 0 && (
        <>
          <dt>Runs that cannot go on</dt>
          <dd class="hint">{held}</dd>
        </>
      )}
    </dl>
  );
}

function Names(
  { title, names, isWarning = false }: {
    readonly title: string;
    readonly names: readonly string[];
    readonly isWarning?: boolean;
  },
) {
  return (
    <>
      <dt>{title}</dt>
      <dd class={isWarning && names.length > 0 ? "hint" : ""}>
        {names.length === 0 ? <span class="quiet">None</span> : (
          names.join(", ")
        )}
      </dd>
    </>
  );
}

async function differencesOf(
  id: string,
  before: string,
  after: string,
): Promise<Differences> {
  const [old, next, impact] = await Promise.all([
    sketchOf(id, before),
    sketchOf(id, after),
    // What does not run yet has no runs.
    before === ""
      ? undefined
      : impactOf<Impact>(id, after).catch(() => undefined),
  ]);
  const was = new Map(old.modules.map((module) => [module.name, module]));
  const is = new Map(next.modules.map((module) => [module.name, module]));
  const granted = new Set(old.modules.flatMap(grantsIn));
  return {
    added: [...is.keys()].filter((name) => !was.has(name)),
    removed: [...was.keys()].filter((name) => !is.has(name)),
    restarted: next.modules.filter(({ name, fingerprint }) => {
      const present = was.get(name);
      return present !== undefined && present.fingerprint !== fingerprint;
    }).map(({ name }) => name),
    widened: next.modules.flatMap(grantsIn)
      .filter((grant) => !granted.has(grant)),
    impact,
  };
}

async function sketchOf(id: string, text: string): Promise<Sketch> {
  if (text === "") return { modules: [], edges: [] };
  const path = `/api/workflow/validate?file=${encodeURIComponent(id)}.yaml`;
  const { sketch } = await ask<{ readonly sketch?: Sketch }>(path, {
    method: "POST",
    body: text,
  });
  return sketch ?? { modules: [], edges: [] };
}
