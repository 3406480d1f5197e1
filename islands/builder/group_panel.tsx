/**
 * The panel of a chosen group, and what can be done with groups.
 *
 * @module
 */
import { useId } from "preact/hooks";
import { Icon } from "../icons.tsx";
import { useStore } from "./context.ts";
import {
  canGroup,
  canUngroup,
  groupChosen,
  titleGroup,
  ungroupChosen,
} from "./group_actions.ts";
import { type Group, TITLE_CHARACTERS_MAX } from "./groups.ts";
import { CloseInspector } from "./inspector.tsx";
import { lookOf } from "./look.ts";

export function GroupPanel({ group }: { readonly group: Group }) {
  const store = useStore();
  const field = useId();
  const { id, title, members } = group;
  return (
    <>
      <header class="head">
        <span class="tile">
          <Icon name="group" size={14} />
        </span>
        <div class="names">
          <strong title={title}>{title || "Group"}</strong>
          <span class="quiet">{modulesText(members.length)}</span>
        </div>
        <span class="grow"></span>
        <CloseInspector />
      </header>
      <div class="form">
        <div class="row">
          <div class="label">
            <label for={field}>Title</label>
          </div>
          <input
            id={field}
            class="field"
            placeholder="Group"
            maxLength={TITLE_CHARACTERS_MAX}
            value={title}
            onInput={({ currentTarget }) =>
              titleGroup(store, id, currentTarget.value)}
          />
        </div>
        <Members names={members} />
        <GroupActions />
      </div>
    </>
  );
}

/** Modules to choose from. */
export function Members({ names }: { readonly names: readonly string[] }) {
  const store = useStore();
  const modules = store.graph.value.modules;
  return (
    <ul class="members" aria-label="Modules">
      {names.map((name) => {
        const type = modules.find((module) => module.name === name)?.type ?? "";
        const look = lookOf(type);
        return (
          <li key={name}>
            <button
              type="button"
              data-hue={look.hue}
              onClick={() => {
                store.select([name]);
                // By category it may be in a container that is shut.
                const isThere = store.view.value.kind === "modules";
                if (isThere) store.sought.value = name;
              }}
            >
              <span class="tile">
                <Icon name={look.icon} size={14} />
              </span>
              <span class="names">
                <strong title={name}>{name}</strong>
                <code>{type}</code>
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

/** What can be done with what is chosen. */
export function GroupActions() {
  const store = useStore();
  return (
    <div class="align">
      {canGroup(store) && (
        <button
          type="button"
          class="button"
          title="Group (G)"
          onClick={() => groupChosen(store)}
        >
          Group
        </button>
      )}
      {canUngroup(store) && (
        <button
          type="button"
          class="button"
          title="Ungroup (Shift G)"
          onClick={() => ungroupChosen(store)}
        >
          Ungroup
        </button>
      )}
    </div>
  );
}

/** How many modules there are, in words. */
export function modulesText(count: number): string {
  return count === 1 ? "1 module" : `${count} modules`;
}
