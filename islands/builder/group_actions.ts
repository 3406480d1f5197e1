/**
 * What is done with groups; all of it can be undone.
 *
 * @module
 */
import { modulesOf } from "./graph.ts";
import {
  type Group,
  groupNodeId,
  groupsOf,
  joined,
  released,
  renamed,
  without,
} from "./groups.ts";
import type { BuilderStore } from "./store.ts";

/** The groups as the canvas shows them. */
export function shownGroups(store: BuilderStore): readonly Group[] {
  return groupsOf(store.layout.value.groups, namesOf(store));
}

/** The group that is chosen, if it is all that is. */
export function chosenGroup(store: BuilderStore): Group | undefined {
  const [id, ...others] = store.selection.value;
  return others.length > 0
    ? undefined
    : shownGroups(store).find((group) => groupNodeId(group) === id);
}

/** Whether what is chosen can become a group. */
export function canGroup(store: BuilderStore): boolean {
  return toGroup(store) !== undefined;
}

/** Puts the chosen modules into a group of their own. */
export function groupChosen(store: BuilderStore): void {
  const group = toGroup(store);
  if (group === undefined) return;
  const { id, members } = group;
  const others = store.layout.value.groups.filter((each) => each.id !== id);
  store.setGroups(
    [...without(others, members), group],
    `Group ${members.join(", ")}`,
  );
  store.select([groupNodeId(group)]);
}

/** Whether something of what is chosen is in a group, or is one. */
export function canUngroup(store: BuilderStore): boolean {
  return toUngroup(store).length > 0;
}

/** Takes a chosen group away, and chosen modules out of theirs. */
export function ungroupChosen(store: BuilderStore): void {
  const names = toUngroup(store);
  if (names.length === 0) return;
  const chosen = store.selection.value;
  const others = store.layout.value.groups.filter((group) =>
    !chosen.has(groupNodeId(group))
  );
  store.setGroups(without(others, names), "Ungroup");
  store.select(names);
}

/** Names a group. What is typed in one go is undone as one. */
export function titleGroup(
  store: BuilderStore,
  id: string,
  title: string,
): void {
  store.setGroups(
    store.layout.value.groups.map((group) =>
      group.id === id ? { ...group, title } : group
    ),
    "Name a group",
    `group ${id}`,
  );
}

/** Takes modules that are no more out of their groups; part of that step. */
export function forgetMembers(
  store: BuilderStore,
  names: readonly string[],
): void {
  const { groups } = store.layout.value;
  // A change that asks first has removed nothing yet.
  const left = new Set(modulesOf(store.good.value?.value).map((m) => m.name));
  const gone = names.filter((name) => !left.has(name));
  const isHeld = released(groups, new Set(gone)).length > 0;
  if (isHeld) store.setGroups(without(groups, gone));
}

/** A module that has another name stays in its group; part of that step. */
export function renameMember(
  store: BuilderStore,
  from: string,
  to: string,
): void {
  const { groups } = store.layout.value;
  const isHeld = released(groups, new Set([from])).length > 0;
  if (isHeld) store.setGroups(renamed(groups, from, to));
}

function toGroup(store: BuilderStore): Group | undefined {
  return areShown(store)
    ? joined(shownGroups(store), namesOf(store), store.selection.value)
    : undefined;
}

function toUngroup(store: BuilderStore): readonly string[] {
  return areShown(store)
    ? released(shownGroups(store), store.selection.value)
    : [];
}

/** Groups are in the view of the modules only. */
function areShown({ view }: BuilderStore): boolean {
  return view.value.kind === "modules";
}

function namesOf({ graph }: BuilderStore): readonly string[] {
  return graph.value.modules.map(({ name }) => name);
}
