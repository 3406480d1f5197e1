/**
 * One instance: where it is and has been, what it can do next, its history and
 * its data.
 *
 * @module
 */
import type { ComponentChildren, JSX } from "preact";
import { at as pathAt } from "../api.ts";
import { useNow } from "../parts/clock.ts";
import { count } from "../parts/pager.tsx";
import { useResource } from "../parts/resource.ts";
import { agoText } from "../parts/since.ts";
import { timeText } from "../parts/time.ts";
import { View } from "../parts/view.tsx";
import { JsonView } from "../runs/json_view.tsx";
import { Diagram } from "./diagram.tsx";
import { History } from "./history.tsx";
import {
  instancePath,
  type InstancePlace,
  type WholeInstance,
} from "./instance.ts";
import { queryOf } from "./instance_filter.ts";
import { Moves } from "./moves.tsx";
import { useTransitions } from "./news.ts";
import { StatePill } from "./state_pill.tsx";

/** How often it is asked for changes that nobody tells of, in milliseconds. */
const EVERY_MS = 5_000;

export default function One(
  place: InstancePlace & { readonly id: string },
): JSX.Element {
  const { application, id } = place;
  const path = `/api${instancePath(place)}`;
  const resource = useResource<WholeInstance>(path, EVERY_MS);
  useTransitions(
    resource.reload,
    (event) => event.instance === id && event.application === application,
  );
  return (
    <div class="page instance-page">
      <header>
        <p class="crumbs">
          <a href={pathAt("/instances")}>Instances</a>
        </p>
        <h1 class="mono">{id}</h1>
        {resource.value && <Standing instance={resource.value} />}
      </header>
      <View name={`“${id}”`} resource={resource}>
        {(instance) => <Whole instance={instance} reload={resource.reload} />}
      </View>
    </div>
  );
}

/** Where it is, and since when. */
function Standing(
  { instance }: { readonly instance: WholeInstance },
): JSX.Element {
  const now = useNow(10_000);
  const { state, stateKind, history } = instance;
  const since = history.findLast(({ transition }) => transition !== null)?.at ??
    instance.createdAt;
  return (
    <>
      <StatePill state={state} kind={stateKind} />
      <span class="quiet number" title={agoText(since, now)}>
        since {timeText(since, now)}
      </span>
    </>
  );
}

function Whole(
  { instance, reload }: {
    readonly instance: WholeInstance;
    readonly reload: () => void;
  },
): JSX.Element {
  const { definedAs, error, history, data } = instance;
  return (
    <>
      <Facts instance={instance} />
      {error !== undefined && <p class="notice fail">Failed: {error}</p>}
      <div class="instance-parts">
        <Part title="What it can do now" name="moves">
          <Moves instance={instance} onMoved={reload} />
        </Part>
        {definedAs !== null && (
          <Part title="Where it is" name="picture">
            <Diagram instance={instance} machine={definedAs} />
          </Part>
        )}
        <Part title="History" name="past">
          <History entries={history} />
        </Part>
        <Part title="Data" name="data">
          <JsonView value={data} name="the data" />
        </Part>
      </div>
    </>
  );
}

function Part(
  { title, name, children }: {
    readonly title: string;
    readonly name: string;
    readonly children: ComponentChildren;
  },
): JSX.Element {
  return (
    <section class={`card instance-part part-${name}`} aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** What it is an instance of, and where it is kept. */
function Facts(
  { instance }: { readonly instance: WholeInstance },
): JSX.Element {
  const { application, machine, definition, definedAs } = instance;
  const { createdAt, updatedAt, sequence } = instance;
  const view = new URLSearchParams({ view: `machine:${definition}` });
  const like = queryOf({ application, machine, definition });
  return (
    <dl class="fact-list card card-pad">
      <div>
        <dt>State machine</dt>
        <dd>
          {definedAs === null ? definition : (
            <a
              href={pathAt(`/d/${encodeURIComponent(application)}?${view}`)}
            >
              {definition}
            </a>
          )}
        </dd>
      </div>
      <div>
        <dt>Kept by</dt>
        <dd>{machine} of {application}</dd>
      </div>
      <div>
        <dt>Created</dt>
        <dd>{timeText(createdAt)}</dd>
      </div>
      <div>
        <dt>Last change</dt>
        <dd>{timeText(updatedAt)}</dd>
      </div>
      <div>
        <dt>So far</dt>
        <dd>{count(sequence, "transition")}</dd>
      </div>
      <div>
        <dt>Others like it</dt>
        <dd>
          <a href={pathAt(`/instances${like}`)}>All of {definition}</a>
        </dd>
      </div>
    </dl>
  );
}
