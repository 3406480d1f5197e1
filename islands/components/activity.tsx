/**
 * What a component has done since it was started, and what was told of it.
 *
 * @module
 */
import type { JSX } from "preact";
import { Pill } from "../parts/pill.tsx";
import { Empty } from "../parts/states.tsx";
import { timeText } from "../parts/time.ts";
import { refusals } from "./component.ts";
import type { TabProps } from "./one.tsx";
import { type LoggedEvent, useEvents } from "../parts/events.ts";
import { number, Pager, usePage } from "../parts/pager.tsx";
import { StreamState } from "../parts/stream_state.tsx";

/** See the module comment. */
export function Activity({ component }: TabProps): JSX.Element {
  const { id, application, calls, failures, kills, swaps } = component;
  const { events, connection } = useEvents((event) =>
    event.application === application &&
    (event.module === id || event.component === id)
  );
  const page = usePage(events);
  return (
    <>
      <dl class="figure-list">
        <Figure name="Calls" value={calls} />
        <Figure name="Failures" value={failures} isBad />
        <Figure name="Kills" value={kills} isBad />
        <Figure name="Refusals" value={refusals(component)} isBad />
        <Figure name="Code swaps" value={swaps} />
      </dl>
      <section class="card" aria-labelledby="told">
        <div class="tool-row card-pad">
          <h2 id="told">What was told</h2>
          <span class="grow"></span>
          <StreamState connection={connection} />
        </div>
        {events.length === 0
          ? (
            <Empty icon="list" title="Nothing was told yet">
              <p>
                New code, refusals, kills and notices of this component appear
                here as they happen.
              </p>
            </Empty>
          )
          : (
            <ul class="told-list">
              {page.rows.map((event) => (
                <Told
                  key={event.place}
                  event={event}
                />
              ))}
            </ul>
          )}
        <Pager page={page} />
      </section>
    </>
  );
}

function Figure(
  { name, value, isBad = false }: {
    readonly name: string;
    readonly value: number;
    readonly isBad?: boolean;
  },
): JSX.Element {
  return (
    <div class="card card-pad">
      <dt>{name}</dt>
      <dd class={isBad && value > 0 ? "count-bad" : ""}>{number(value)}</dd>
    </div>
  );
}

function Told({ event }: { readonly event: LoggedEvent }): JSX.Element {
  const { at, severity = "info", message, capability } = event;
  const isRefusal = capability !== undefined;
  const tone = severity === "error" || isRefusal
    ? "fail"
    : severity === "warning"
    ? "wait"
    : "idle";
  return (
    <li>
      <time class="quiet number" dateTime={new Date(at).toISOString()}>
        {timeText(at)}
      </time>
      <Pill status={isRefusal ? "refused" : severity} tone={tone} />
      <span>{message}</span>
    </li>
  );
}
