/**
 * Groups of modules: a box with a title behind their cards. They are in the
 * layout: the document says nothing of them. A module is in one group at most.
 *
 * @module
 */
import type { Places } from "./boxes.ts";

/** Modules that somebody has put together. */
export interface Group {
  readonly id: string;
  readonly title: string;
  /** The names of its modules. */
  readonly members: readonly string[];
}

/** The most characters of a title: what a layout takes. */
export const TITLE_CHARACTERS_MAX = 200;

/** What a group is called on the canvas, among modules. */
export function groupNodeId({ id }: Pick<Group, "id">): string {
  return `group:${id}`;
}

/** The groups with those members that there are; none without any. */
export function groupsOf(
  groups: readonly Group[],
  names: readonly string[],
): readonly Group[] {
  const known = new Set(names);
  return groups.flatMap((group) => {
    const members = group.members.filter((name) => known.has(name));
    return members.length === 0 ? [] : [{ ...group, members }];
  });
}

/** The groups without some modules; what is empty then is gone. */
export function without(
  groups: readonly Group[],
  names: readonly string[],
): readonly Group[] {
  const gone = new Set(names);
  return groups.flatMap((group) => {
    const members = group.members.filter((name) => !gone.has(name));
    if (members.length === group.members.length) return [group];
    return members.length === 0 ? [] : [{ ...group, members }];
  });
}

/** The groups after a module was given another name. */
export function renamed(
  groups: readonly Group[],
  from: string,
  to: string,
): readonly Group[] {
  return groups.map((group) => ({
    ...group,
    members: group.members.map((name) => name === from ? to : name),
  }));
}

/** The places of what is no group: a group has none of its own. */
export function withoutGroups(
  groups: readonly Group[],
  places: Places,
): Places {
  const own = new Set(groups.map(groupNodeId));
  return Object.fromEntries(
    Object.entries(places).filter(([id]) => !own.has(id)),
  );
}

/**
 * The group that the chosen cards would be; absent if that is nothing new. A group
 * that is chosen with them takes them in.
 */
export function joined(
  groups: readonly Group[],
  names: readonly string[],
  chosen: ReadonlySet<string>,
): Group | undefined {
  const boxes = groups.filter((group) => chosen.has(groupNodeId(group)));
  const members = [
    ...new Set([
      ...boxes.flatMap(({ members }) => members),
      ...names.filter((name) => chosen.has(name)),
    ]),
  ];
  const [first] = boxes;
  if (members.length <= (first?.members.length ?? 1)) return undefined;
  return {
    id: first?.id ?? crypto.randomUUID(),
    title: boxes.map(({ title }) => title).find((title) => title !== "") ?? "",
    members,
  };
}

/** The modules that what is chosen would let out of their groups. */
export function released(
  groups: readonly Group[],
  chosen: ReadonlySet<string>,
): readonly string[] {
  return groups.flatMap((group) =>
    chosen.has(groupNodeId(group))
      ? group.members
      : group.members.filter((name) => chosen.has(name))
  );
}
