/**
 * Narrows the list: by words, document, machine and state.
 *
 * @module
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { number, Search } from "../parts/pager.tsx";
import {
  type InstanceCounts,
  kindOf,
  type KnownMachine,
  toneOfState,
} from "./instance.ts";
import type { InstanceFilter } from "./instance_filter.ts";

/** How long to wait for the next letter, in milliseconds. */
const TYPING_MS = 250;

/** What is narrowed. */
interface FiltersProps {
  readonly filter: InstanceFilter;
  readonly machines: readonly KnownMachine[];
  readonly counts: InstanceCounts | undefined;
  readonly onFilter: (filter: InstanceFilter) => void;
}

/** See the module comment. */
export function InstanceFilters(props: FiltersProps): JSX.Element {
  const { filter, machines, onFilter } = props;
  const { application, machine, definition } = filter;
  const here = machines.filter((each) =>
    !application || each.application === application
  );
  const kept = here.filter((each) => !machine || each.machine === machine);
  const inScope = kept.filter((each) =>
    !definition || each.definition === definition
  );
  return (
    <search class="run-filters">
      <Words
        text={filter.text ?? ""}
        onText={(text) => onFilter({ ...filter, text: text || undefined })}
      />
      <Choice
        name="Document"
        all="Every document"
        value={application}
        values={machines.map((each) => each.application)}
        onChoose={(application) => onFilter({ text: filter.text, application })}
      />
      <Choice
        name="Module"
        all="Every module"
        value={machine}
        values={here.map((each) => each.machine)}
        onChoose={(machine) =>
          onFilter({ text: filter.text, application, machine })}
      />
      <Choice
        name="State machine"
        all="Every state machine"
        value={definition}
        values={kept.map((each) => each.definition)}
        onChoose={(definition) =>
          onFilter({ ...filter, definition, state: undefined })}
      />
      <States {...props} inScope={inScope} />
    </search>
  );
}

/** The words that were typed, once nobody types any more. */
function Words(
  { text, onText }: {
    readonly text: string;
    readonly onText: (text: string) => void;
  },
): JSX.Element {
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  useEffect(() => {
    const wanted = typed.trim().slice(0, 200);
    if (wanted === text) return;
    const timer = setTimeout(() => onText(wanted), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return <Search label="Id or business key" value={typed} onInput={setTyped} />;
}

/** Nothing where there is nothing to choose from. */
function Choice(
  { name, all, value, values, onChoose }: {
    readonly name: string;
    readonly all: string;
    readonly value: string | undefined;
    readonly values: readonly string[];
    readonly onChoose: (value: string | undefined) => void;
  },
): JSX.Element | null {
  const known = new Set(values);
  // What the address names is chosen, also if there is no such thing any more.
  if (value !== undefined) known.add(value);
  if (known.size < 2 && value === undefined) return null;
  return (
    <select
      class="field"
      aria-label={name}
      value={value ?? ""}
      onChange={({ currentTarget }) =>
        onChoose(currentTarget.value || undefined)}
    >
      <option value="">{all}</option>
      {[...known].sort().map((id) => <option key={id} value={id}>{id}</option>)}
    </select>
  );
}

/** One chip for each state, with how many are in it. */
function States(
  { filter, counts, inScope, onFilter }: FiltersProps & {
    readonly inScope: readonly KnownMachine[];
  },
): JSX.Element | null {
  const kinds = new Map(
    inScope.flatMap((machine) =>
      Object.keys(machine.states).map((name) =>
        [name, kindOf(machine, name)] as const
      )
    ),
  );
  // Instances may be in states that their machine has no more.
  const names = new Set([
    ...kinds.keys(),
    ...counts?.counts.map(({ state }) => state) ?? [],
    ...filter.state === undefined ? [] : [filter.state],
  ]);
  if (names.size === 0) return null;
  const choose = (state: string | undefined) => onFilter({ ...filter, state });
  return (
    <div class="run-chips" role="group" aria-label="State">
      <button
        type="button"
        class="run-chip"
        aria-pressed={filter.state === undefined}
        onClick={() => choose(undefined)}
      >
        All
      </button>
      {[...names].map((name) => (
        <button
          key={name}
          type="button"
          class="run-chip"
          aria-pressed={filter.state === name}
          onClick={() => choose(filter.state === name ? undefined : name)}
        >
          <span class={`run-dot tone-${toneOfState(kinds.get(name))}`}></span>
          {name}
          <span class="run-chip-count number">{countText(counts, name)}</span>
        </button>
      ))}
    </div>
  );
}

function countText(counts: InstanceCounts | undefined, name: string): string {
  if (counts === undefined) return "";
  const sum = counts.counts.filter(({ state }) => state === name)
    .reduce((sum, { count }) => sum + count, 0);
  return number(sum) + (counts.isPartial && sum > 0 ? "+" : "");
}
