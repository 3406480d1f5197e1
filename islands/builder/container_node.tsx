/**
 * A category of modules on the canvas: shut it is a card with their number, open
 * it is a box around their cards.
 *
 * @module
 */
import { Handle, Position } from "@xyflow/react";
import { Icon } from "../icons.tsx";
import type { Container } from "./containers.ts";
import { useStore } from "./context.ts";
import { modulesText } from "./group_panel.tsx";
import { lookOf } from "./look.ts";
import { toggleContainer } from "./shown_containers.ts";

/** What a node is given. */
export interface ContainerNodeData extends Record<string, unknown> {
  readonly container: Container;
  /** How many problems are in its modules. */
  readonly problems: number;
  /** The ids of the nodes in the box; none, while it is shut. */
  readonly holds: readonly string[];
}

export function ContainerNode(
  { data: { container, problems }, selected }: {
    readonly data: ContainerNodeData;
    readonly selected?: boolean;
  },
) {
  const store = useStore();
  const { title, modules, isOpen } = container;
  const look = lookOf(modules[0]?.type ?? "");
  const classes = [
    isOpen ? "group-box" : "node",
    "container",
    selected && "chosen",
    problems > 0 && !isOpen && "bad",
  ];
  const names = modules.map(({ name }) => name).join(", ");
  return (
    <div class={classes.filter(Boolean).join(" ")} data-hue={look.hue}>
      <Handle type="target" position={Position.Left} />
      <header>
        <span class="tile">
          <Icon name={look.icon} size={14} />
        </span>
        <div class="names">
          <strong title={title}>{title}</strong>
          <span class="quiet">{modulesText(modules.length)}</span>
        </div>
        <button
          type="button"
          class="button icon small nodrag"
          aria-expanded={isOpen}
          aria-label={title}
          title={isOpen ? "Shut" : "Open"}
          onClick={(event) => {
            // To look into it is not to choose it.
            event.stopPropagation();
            toggleContainer(store, container);
          }}
        >
          <Icon name={isOpen ? "down" : "right"} size={14} />
        </button>
      </header>
      {!isOpen && (
        <footer>
          {problems > 0
            ? (
              <span class="problem">
                {problems} {problems === 1 ? "problem" : "problems"}
              </span>
            )
            : <span title={names}>{names}</span>}
        </footer>
      )}
      <Handle type="source" position={Position.Right} />
    </div>
  );
}
