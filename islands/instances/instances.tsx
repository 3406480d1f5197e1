/**
 * The page with the instances of state machines.
 *
 * @module
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { number, Steps } from "../parts/pager.tsx";
import { type Resource, useResource } from "../parts/resource.ts";
import { Empty } from "../parts/states.tsx";
import { View } from "../parts/view.tsx";
import type { InstanceCounts, InstancePage, KnownMachine } from "./instance.ts";
import {
  filterOf,
  type InstanceFilter,
  isNarrow,
  queryOf,
} from "./instance_filter.ts";
import { InstanceFilters } from "./instance_filters.tsx";
import { InstanceTable } from "./instance_table.tsx";
import { useTransitions } from "./news.ts";

/** Instances of a page. */
const PAGE_INSTANCES = 50;

/** How often it is asked for changes that nobody tells of, in milliseconds. */
const EVERY_MS = 5_000;

/** How often counts are asked for: each looks at many instances. */
const COUNT_MS = 10_000;

export default function Instances(_: Readonly<Record<string, never>>) {
  const [filter, onFilter] = useFilter();
  const machines = useResource<readonly KnownMachine[]>(
    "/api/instances/machines",
    COUNT_MS,
  );
  const counts = useResource<InstanceCounts>(
    `/api/instances/counts${queryOf({ ...filter, state: undefined })}`,
    COUNT_MS,
  );
  return (
    <div class="page">
      <header>
        <h1>Instances</h1>
      </header>
      {(isNarrow(filter) || machines.value?.length !== 0) && (
        <InstanceFilters
          filter={filter}
          machines={machines.value ?? []}
          counts={counts.value}
          onFilter={onFilter}
        />
      )}
      <Pages
        key={queryOf(filter)}
        filter={filter}
        machines={machines}
        onAll={() => onFilter({})}
      />
    </div>
  );
}

/** The pages of one filter. */
function Pages(
  { filter, machines, onAll }: {
    readonly filter: InstanceFilter;
    readonly machines: Resource<readonly KnownMachine[]>;
    readonly onAll: () => void;
  },
): JSX.Element {
  /** Where each page that was seen began. */
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const limit = String(PAGE_INSTANCES);
  const query = queryOf(filter, { limit, after: cursors.at(-1) });
  const page = useResource<InstancePage>(`/api/instances${query}`, EVERY_MS);
  useTransitions(page.reload);
  return (
    <View name="the instances" resource={page} rows={8}>
      {({ instances, next }) => {
        const further = next === undefined
          ? undefined
          : () => setCursors([...cursors, next]);
        const back = cursors.length > 0
          ? () => setCursors(cursors.slice(0, -1))
          : undefined;
        return (
          <div class="card">
            {instances.length === 0
              ? (
                <None
                  isNarrow={isNarrow(filter)}
                  isLater={cursors.length > 0}
                  hasMachines={machines.value?.length !== 0}
                  onAll={onAll}
                  onFurther={further}
                />
              )
              : (
                <InstanceTable
                  instances={instances}
                  isShared={isShared(machines.value ?? [])}
                />
              )}
            {(further || back) && (
              <Steps
                text={instances.length === 0
                  ? "The newest come first"
                  : `${number(instances.length)} here, the newest first`}
                onBack={back}
                onOn={further}
                back="Newer"
                on="Older"
              />
            )}
          </div>
        );
      }}
    </View>
  );
}

/** Whether a row must say who keeps it. */
function isShared(machines: readonly KnownMachine[]): boolean {
  const places = machines.map(({ application, machine }) =>
    `${application}/${machine}`
  );
  return new Set(places).size > 1;
}

/** Says why nothing is here, and what can be done about it. */
function None(
  { isNarrow, isLater, hasMachines, onAll, onFurther }: {
    readonly isNarrow: boolean;
    readonly isLater: boolean;
    readonly hasMachines: boolean;
    readonly onAll: () => void;
    readonly onFurther: (() => void) | undefined;
  },
): JSX.Element {
  if (onFurther !== undefined) {
    return (
      <Empty icon="search" title="None of these fits">
        <p>Older ones may: a page looks at some thousand instances.</p>
        <button type="button" class="button" onClick={onFurther}>
          Look further
        </button>
      </Empty>
    );
  }
  if (isNarrow) {
    return (
      <Empty
        icon="search"
        title={isLater ? "No older instance fits" : "No instance fits"}
      >
        <p>Others may: leave out a word, a state or a machine.</p>
        <button type="button" class="button" onClick={onAll}>
          Show all instances
        </button>
      </Empty>
    );
  }
  return hasMachines
    ? (
      <Empty icon="stage" title="No instances yet">
        <p>
          An instance is one thing that goes through the states of a machine,
          such as an order. A request to a resource begins one, a trigger, or
          the step <code>statemachine.transition</code>.
        </p>
      </Empty>
    )
    : (
      <Empty icon="stage" title="No state machines">
        <p>
          No document that runs has any: add a module of the type{" "}
          <code>statemachine.engine</code>, and what it keeps under{" "}
          <code>workflows.statemachine</code>.
        </p>
      </Empty>
    );
}

/** The filter is in the address, so that it can be handed on and gone back to. */
function useFilter(): [InstanceFilter, (filter: InstanceFilter) => void] {
  const [filter, setFilter] = useState(() => filterOf(location.search));
  useEffect(() => {
    const back = () => setFilter(filterOf(location.search));
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);
  return [filter, (next) => {
    history.pushState(null, "", location.pathname + queryOf(next));
    setFilter(next);
  }];
}
