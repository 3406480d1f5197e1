/**
 * The box of a group, behind the cards of its members.
 *
 * @module
 */
import { useEffect, useRef } from "preact/hooks";
import { useStore } from "./context.ts";
import { titleGroup } from "./group_actions.ts";
import { type Group, TITLE_CHARACTERS_MAX } from "./groups.ts";

/** What a node is given. */
export interface GroupNodeData extends Record<string, unknown> {
  readonly group: Group;
  /** The ids of the nodes in the box. */
  readonly holds: readonly string[];
}

export function GroupNode(
  { data: { group }, selected }: {
    readonly data: GroupNodeData;
    readonly selected?: boolean;
  },
) {
  const store = useStore();
  const field = useRef<HTMLInputElement>(null);
  const { id, title } = group;
  useEffect(() => {
    if (selected && title === "") field.current?.focus();
  }, []);
  useEffect(() => {
    // What the canvas shows is behind what is being typed.
    const shown = field.current;
    if (shown && shown !== document.activeElement) shown.value = title;
  }, [title]);
  return (
    <div class={selected ? "group-box chosen" : "group-box"}>
      <input
        ref={field}
        class="nodrag"
        aria-label="Title of the group"
        placeholder="Group"
        maxLength={TITLE_CHARACTERS_MAX}
        onInput={({ currentTarget }) =>
          titleGroup(store, id, currentTarget.value)}
        onKeyDown={({ key, currentTarget }) => {
          if (key !== "Enter" && key !== "Escape") return;
          // To the box, which the arrow keys move.
          currentTarget.closest<HTMLElement>(".react-flow__node")?.focus();
        }}
      />
    </div>
  );
}
