/**
 * The code of a component, to be read and changed.
 *
 * @module
 */
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { ask } from "../api.ts";
import { Empty } from "../parts/states.tsx";
import { CodeField } from "./code_field.tsx";
import { apiOf, type Named, type WholeComponent } from "./component.ts";
import { faultsOf } from "./faults.ts";
import type { TabProps } from "./one.tsx";
import { type Action, Outcome, useAction } from "../parts/action.tsx";

/** Text that is not saved yet, by component: another tab does not lose it. */
const drafts = new Map<string, Draft>();

// Asks before the page is left with something that is not saved.
addEventListener("beforeunload", (event) => {
  if (drafts.size > 0) event.preventDefault();
});

interface Draft {
  /** What it began as. */
  readonly base: string;
  readonly text: string;
}

/** See the module comment. */
export function CodeTab({ component, reload }: TabProps): JSX.Element {
  const { source, isolation } = component;
  if (source === undefined) {
    return (
      <div class="card">
        <Empty icon="code" title="There is no code to show">
          <p>
            {isolation === "none"
              ? "It runs without a sandbox, and its text is not kept: change its file."
              : "Nothing runs yet. What is wrong stands above."}
          </p>
        </Empty>
      </div>
    );
  }
  return <Editor component={component} source={source} reload={reload} />;
}

function Editor(
  { component, source, reload }: TabProps & { readonly source: string },
): JSX.Element {
  const { id, isolation } = component;
  const { draft, turn, keep, begin, wasSaved } = useDraft(component, source);
  const action = useAction();
  const isChanged = draft.text !== draft.base;
  const save = () =>
    action.run("save", async () => {
      const { text } = draft;
      const body = { source: text };
      await ask<WholeComponent>(apiOf(component), { method: "PUT", body });
      wasSaved(text);
      reload();
      return "The new code runs. Calls that were under way end with the old one.";
    });
  const canSave = isChanged && action.busy === "" && isolation !== "none";
  return (
    <section class="card code-tab" aria-label="Code">
      <div class="tool-row card-pad">
        <span class="quiet">{state(isChanged, action.busy)}</span>
        <span class="grow"></span>
        <button
          type="button"
          class="button"
          disabled={!isChanged || action.busy !== ""}
          onClick={() => begin(source)}
        >
          Discard
        </button>
        <button
          type="button"
          class="button primary"
          title="Save and run it (Ctrl S)"
          disabled={!canSave}
          onClick={save}
        >
          Save
        </button>
      </div>
      {isChanged && draft.base !== source && (
        <p class="notice notice-row wait" role="status">
          Other code runs since you began. Saving replaces it; Discard shows it.
        </p>
      )}
      <Outcome action={told(action)} />
      <CodeField
        key={turn}
        label={`Code of ${id}`}
        initial={draft.text}
        onInput={(text) => keep({ ...draft, text })}
        onSave={() => {
          if (canSave) void save();
        }}
        faults={faultsOf(action.error)}
      />
    </section>
  );
}

/** What is written, beside what runs. */
function useDraft({ id, application }: Named, source: string) {
  const key = `${application}/${id}`;
  const [draft, setDraft] = useState<Draft>(() =>
    drafts.get(key) ?? { base: source, text: source }
  );
  const [turn, setTurn] = useState(0);
  const seen = useRef(source);
  const keep = (next: Draft) => {
    if (next.text === next.base) drafts.delete(key);
    else drafts.set(key, next);
    setDraft(next);
  };
  const begin = (text: string) => {
    keep({ base: text, text });
    setTurn((before) => before + 1);
  };
  const wasSaved = (text: string) => {
    keep({ base: text, text });
    seen.current = text;
  };
  if (seen.current !== source) {
    seen.current = source;
    // Nothing was written here, so what runs now takes its place.
    if (draft.text === draft.base && draft.base !== source) begin(source);
  }
  return { draft, turn, keep, begin, wasSaved };
}

/** What stands at its line need not stand above, too. */
function told(action: Action): Action {
  const places = faultsOf(action.error).length;
  return places === 0 ? action : {
    ...action,
    error: `Not saved: ${
      places === 1 ? "one place is" : `${places} places are`
    } wrong, and marked below. The old code goes on.`,
  };
}

function state(isChanged: boolean, busy: string): string {
  if (busy !== "") return "Checking the types and loading it";
  return isChanged ? "Changed, not saved" : "This is what runs";
}
