/**
 * One component: its code, versions, permissions, a call by hand, and what it has
 * done.
 *
 * @module
 */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask, at, send } from "../api.ts";
import { Icon } from "../icons.tsx";
import { Pill } from "../parts/pill.tsx";
import { useResource } from "../parts/resource.ts";
import { Activity } from "./activity.tsx";
import { CodeTab } from "./code_tab.tsx";
import {
  apiOf,
  ISOLATIONS,
  type Manifest,
  refusals,
  type WholeComponent,
} from "./component.ts";
import { Execute } from "./execute.tsx";
import { type Action, Outcome, useAction } from "../parts/action.tsx";
import { Confirm } from "../parts/confirm.tsx";
import { useFollowing } from "../parts/follow.ts";
import { Tabs } from "../parts/tabs.tsx";
import { View } from "../parts/view.tsx";
import { Permissions } from "./permissions.tsx";
import { Versions } from "./versions.tsx";

/** How often it is asked for, in milliseconds. */
const EVERY_MS = 3_000;

/** What a tab is given. */
export interface TabProps {
  readonly component: WholeComponent;
  /** Asks for the component again. */
  readonly reload: () => void;
}

export default function One(
  { id, application }: { readonly id: string; readonly application: string },
) {
  const search = new URLSearchParams({ details: "true" });
  if (application !== "") search.set("application", application);
  const path = `/api/dynamic/components/${encodeURIComponent(id)}?${search}`;
  const resource = useResource<WholeComponent>(path, EVERY_MS);
  return (
    <div class="page component-page">
      <header>
        <p class="crumbs">
          <a href={at("/components")}>Components</a>
        </p>
        <h1>{id}</h1>
        {resource.value && (
          <Standing component={resource.value} reload={resource.reload} />
        )}
      </header>
      <View name={`“${id}”`} resource={resource}>
        {(component) => (
          <Whole
            component={component}
            reload={resource.reload}
          />
        )}
      </View>
    </div>
  );
}

/** How it is, and what can be done about it. */
function Standing({ component, reload }: TabProps): JSX.Element {
  const action = useAction();
  const [isAsked, setAsked] = useState(false);
  const isOff = component.status === "stopped";
  const turn = (verb: "start" | "stop") =>
    action.run(verb, async () => {
      await ask(apiOf(component, verb), { method: "POST" });
      reload();
    });
  const remove = () =>
    action.run("remove", async () => {
      await send(apiOf(component), { method: "DELETE" });
      location.assign(at("/components"));
    });
  return (
    <>
      <Pill status={component.status} />
      <span class="grow"></span>
      {component.added && (
        <button
          type="button"
          class="button danger"
          disabled={action.busy !== ""}
          onClick={() => setAsked(true)}
        >
          Remove
        </button>
      )}
      <button
        type="button"
        class="button"
        disabled={action.busy !== "" || component.isolation === "none"}
        onClick={() => turn(isOff ? "start" : "stop")}
      >
        <Icon name={isOff ? "play" : "pause"} size={14} />
        {isOff ? "Start" : "Stop"}
      </button>
      <FullRow action={action} />
      {isAsked && (
        <Confirm
          title={`Remove ${component.id}?`}
          verb={`Remove ${component.id}`}
          onNo={() => setAsked(false)}
          onYes={() => {
            setAsked(false);
            void remove();
          }}
        >
          Its code and all its versions are gone for good. What calls it fails
          from then on.
        </Confirm>
      )}
    </>
  );
}

function FullRow({ action }: { readonly action: Action }): JSX.Element | null {
  if (action.error === undefined && action.done === "") return null;
  return (
    <div class="full-row">
      <Outcome action={action} />
    </div>
  );
}

function Whole({ component, reload }: TabProps): JSX.Element {
  const manifest = useFollowing(
    useResource<Manifest>(apiOf(component, "manifest")),
    component.hash ?? "",
  );
  const shown = { component, reload };
  return (
    <>
      <Facts component={component} />
      {component.error !== undefined && (
        <p class="notice notice-row fail" role="alert">{component.error}</p>
      )}
      <Tabs
        label={`Parts of ${component.id}`}
        tabs={[
          { id: "code", name: "Code", show: () => <CodeTab {...shown} /> },
          {
            ...{ id: "versions", name: "Versions" },
            show: () => <Versions {...shown} />,
          },
          {
            ...{ id: "permissions", name: "Permissions" },
            count: refusals(component),
            show: () => <Permissions {...shown} manifest={manifest} />,
          },
          {
            ...{ id: "execute", name: "Execute" },
            show: () => <Execute {...shown} manifest={manifest} />,
          },
          {
            ...{ id: "activity", name: "Activity" },
            show: () => <Activity {...shown} />,
          },
        ]}
      />
    </>
  );
}

function Facts(
  { component }: { readonly component: WholeComponent },
): JSX.Element {
  const { application, isolation, version, file, hash } = component;
  return (
    <dl class="fact-list">
      <Fact name="Document">
        <a
          href={at(
            `/d/${encodeURIComponent(application)}?view=modules&node=${
              encodeURIComponent(component.id)
            }`,
          )}
        >
          {application}
        </a>
      </Fact>
      <Fact name="Version">{version ?? "–"}</Fact>
      <Fact name="Isolation">{ISOLATIONS[isolation]}</Fact>
      <Fact name="Comes from">{origin(component)}</Fact>
      {file !== undefined && (
        <Fact name="File">
          <code>{file}</code>
        </Fact>
      )}
      {hash !== undefined && (
        <Fact name="Hash">
          <code title={hash}>{hash.slice(0, 7)}</code>
        </Fact>
      )}
    </dl>
  );
}

function Fact(
  { name, children }: {
    readonly name: string;
    readonly children: preact.ComponentChildren;
  },
): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function origin({ added, isOverridden, file }: WholeComponent): string {
  if (added) return "Sent to the engine";
  if (isOverridden) return "Sent, in place of the document's code";
  return file === undefined ? "The document" : "A file of the document";
}
