/**
 * The rows of the list. Arrow keys move over them, Enter opens one.
 *
 * @module
 */
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { at as pathAt } from "../api.ts";
import { useNow } from "../parts/clock.ts";
import { number } from "../parts/pager.tsx";
import { moveOverRows } from "../parts/row_keys.ts";
import { Scroll } from "../parts/scroll.tsx";
import { agoText } from "../parts/since.ts";
import { timeText } from "../parts/time.ts";
import { instancePath, type ListedInstance } from "./instance.ts";
import { StatePill } from "./state_pill.tsx";

/** See the module comment. */
export function InstanceTable(
  { instances, isShared }: {
    readonly instances: readonly ListedInstance[];
    /** Whether several modules keep instances, so that a row says which. */
    readonly isShared: boolean;
  },
): JSX.Element {
  const now = useNow(10_000);
  const body = useRef<HTMLTableSectionElement>(null);
  const move = (event: KeyboardEvent) =>
    moveOverRows(event, body.current, "a.run-link");
  return (
    <Scroll label="Instances">
      <table class="table instance-table">
        <thead>
          <tr>
            <th scope="col">Instance</th>
            <th scope="col">State</th>
            <th scope="col">State machine</th>
            <th scope="col">Last change</th>
            <th scope="col">Created</th>
            <th scope="col" class="numeric">Transitions</th>
          </tr>
        </thead>
        <tbody ref={body} onKeyDown={move}>
          {instances.map((instance) => (
            <Row
              key={instancePath(instance)}
              {...{ instance, now, isShared }}
            />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Row(
  { instance, now, isShared }: {
    readonly instance: ListedInstance;
    readonly now: number;
    readonly isShared: boolean;
  },
): JSX.Element {
  const { id, application, machine, definition, state, stateKind } = instance;
  const { createdAt, updatedAt, sequence, error } = instance;
  return (
    <tr>
      <td class="name-cell">
        <a
          class="run-link mono clipped"
          href={pathAt(instancePath(instance))}
          title={id}
        >
          {id}
        </a>
        {error !== undefined && (
          <small class="clipped" title={error}>{error}</small>
        )}
      </td>
      <td>
        <StatePill state={state} kind={stateKind} />
      </td>
      <td class="name-cell">
        <span class="clipped" title={definition}>{definition}</span>
        {isShared && (
          <small class="clipped" title={`${machine} of ${application}`}>
            {machine} · {application}
          </small>
        )}
      </td>
      <td class="number" title={timeText(updatedAt, now)}>
        {agoText(updatedAt, now)}
      </td>
      <td class="number">{timeText(createdAt, now)}</td>
      <td class="numeric">{number(sequence)}</td>
    </tr>
  );
}
