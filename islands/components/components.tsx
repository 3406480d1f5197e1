/**
 * Every component of the documents that run, and a way to send a new one.
 *
 * @module
 */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { at } from "../api.ts";
import { Icon } from "../icons.tsx";
import { Pill } from "../parts/pill.tsx";
import { useResource } from "../parts/resource.ts";
import { Empty } from "../parts/states.tsx";
import {
  type Component,
  grantWords,
  ISOLATIONS,
  pageOf,
  refusals,
} from "./component.ts";
import { NewComponent } from "./new_component.tsx";
import { number, Pager, Search, usePage } from "../parts/pager.tsx";
import { Scroll } from "../parts/scroll.tsx";
import { useQuery } from "../parts/tabs.tsx";
import { View } from "../parts/view.tsx";

/** How often the numbers are asked for, in milliseconds. */
const EVERY_MS = 3_000;

export default function Components(_: Readonly<Record<string, never>>) {
  const list = useResource<readonly Component[]>(
    "/api/dynamic/components?details=true",
    EVERY_MS,
  );
  const [isNew, setNew] = useState(false);
  return (
    <div class="page">
      <header>
        <h1>Components</h1>
        {list.value && <span class="quiet">{summary(list.value)}</span>}
        <span class="grow"></span>
        <button
          type="button"
          class="button primary"
          onClick={() => setNew(true)}
        >
          <Icon name="plus" size={14} />
          New component
        </button>
      </header>
      <View name="the components" resource={list}>
        {(all) =>
          all.length === 0
            ? <None onNew={() => setNew(true)} />
            : <List all={all} />}
      </View>
      {isNew && (
        <NewComponent
          onClose={() => setNew(false)}
          onSent={(sent) => location.assign(at(pageOf(sent)))}
        />
      )}
    </div>
  );
}

function summary(all: readonly Component[]): string {
  const running = all.filter(({ status }) => status === "running").length;
  return all.length === 0 ? "" : `${running} of ${all.length} running`;
}

function None({ onNew }: { readonly onNew: () => void }): JSX.Element {
  return (
    <div class="card">
      <Empty icon="code" title="No components yet">
        <p>
          A component is code of your own that runs in a sandbox: behind a
          route, in a step, for a message. Send one here, or name a file in a
          document with a <code>dynamic.component</code> module.
        </p>
        <button type="button" class="button primary" onClick={onNew}>
          New component
        </button>
      </Empty>
    </div>
  );
}

function List({ all }: { readonly all: readonly Component[] }): JSX.Element {
  const [search, setSearch] = useQuery("q");
  const wanted = search.toLowerCase();
  const found = all.filter(({ id, application }) =>
    id.toLowerCase().includes(wanted) ||
    application.toLowerCase().includes(wanted)
  );
  const page = usePage(found);
  return (
    <>
      {all.length > 8 || search !== ""
        ? (
          <div class="tool-row">
            <Search
              label="Find a component"
              value={search}
              onInput={setSearch}
            />
          </div>
        )
        : null}
      <div class="card">
        {found.length === 0
          ? (
            <Empty icon="search" title={`Nothing is called “${search}”`}>
              <button
                type="button"
                class="button"
                onClick={() => setSearch("")}
              >
                Show all
              </button>
            </Empty>
          )
          : <Table rows={page.rows} />}
        <Pager page={page} />
      </div>
    </>
  );
}

function Table({ rows }: { readonly rows: readonly Component[] }): JSX.Element {
  return (
    <Scroll label="Components">
      <table class="table components">
        <thead>
          <tr>
            <th scope="col">Component</th>
            <th scope="col">Status</th>
            <th scope="col">May use</th>
            <th scope="col" class="numeric">Calls</th>
            <th scope="col" class="numeric">Failures</th>
            <th scope="col" class="numeric">Kills</th>
            <th scope="col" class="numeric">Refusals</th>
            <th scope="col" class="numeric">Version</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={`${row.application}/${row.id}`} {...row} />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Row(component: Component): JSX.Element {
  const { id, application, status, isolation, error } = component;
  const { calls, failures, kills, version } = component;
  return (
    <tr>
      <td class="name-cell">
        <a class="clipped strong" href={at(pageOf(component))} title={id}>
          {id}
        </a>
        <span class="cell-sub clipped" title={application}>
          {application} · {ISOLATIONS[isolation]}
        </span>
      </td>
      <td>
        <Pill status={status} />
        {error !== undefined && (
          <small class="clipped clipped-short" title={error}>{error}</small>
        )}
      </td>
      <td>
        <Lock component={component} />
      </td>
      <Count value={calls} />
      <Count value={failures} isBad />
      <Count value={kills} isBad />
      <Count value={refusals(component)} isBad />
      <td class="numeric">{version === null ? "–" : version}</td>
    </tr>
  );
}

/** What it may use, with a lock that is open where there is no sandbox. */
export function Lock(
  { component }: {
    readonly component: Pick<Component, "isolation" | "permissions">;
  },
): JSX.Element {
  const isOpen = component.isolation === "none";
  return (
    <span class={isOpen ? "lock-words lock-open" : "lock-words"}>
      <Icon name={isOpen ? "warning" : "lock"} size={14} />
      {grantWords(component)}
    </span>
  );
}

function Count(
  { value, isBad = false }: {
    readonly value: number;
    readonly isBad?: boolean;
  },
): JSX.Element {
  const look = value === 0 ? "count-zero" : isBad ? "count-bad" : "";
  return (
    <td class="numeric">
      <span class={look}>{number(value)}</span>
    </td>
  );
}
