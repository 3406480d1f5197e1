/**
 * Everything about one step as it was at an entry.
 *
 * @module
 */
import type { ComponentChildren, JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { StepRow } from "@engine/run/describe.ts";
import { at as pathAt } from "../api.ts";
import { Pill } from "../parts/pill.tsx";
import { lengthText, timeText } from "../parts/time.ts";
import { JsonView } from "./json_view.tsx";
import type { Past } from "./past.ts";
import { stepTone, stepWord } from "./step_status.ts";
import { givenTo, seenBy, type Worked } from "./values.ts";

/** What the panel is about. */
export interface StepPanelProps {
  readonly past: Past;
  readonly at: number;
  readonly turn: number;
  readonly path: string;
}

/** See the module comment. */
export function StepPanel(
  { past, at, path }: StepPanelProps,
): JSX.Element {
  const row = past.rowAt(path, at);
  const given = useMemo(
    () => row === undefined ? undefined : givenTo(past, path),
    [past, path, row === undefined],
  );
  const seen = useMemo(() => seenBy(past, path, at), [past, path, row]);
  const status = row?.status ?? "pending";
  return (
    <>
      <header class="panel-head">
        <div>
          <h2 title={path}>{path}</h2>
        </div>
        <Pill status={stepWord(status)} tone={stepTone(status)} />
      </header>
      {row === undefined
        ? <p class="quiet">At this entry it had not come up.</p>
        : <Facts row={row} />}
      {row?.error && (
        <Section name="Error">
          <p class="notice fail">
            {row.error.message} <code>{row.error.code}</code>
          </p>
        </Section>
      )}
      <Attempts past={past} at={at} path={path} />
      {given && (
        <Section name="Input">
          <WorkedOut worked={given} name="the input" />
        </Section>
      )}
      {row?.output !== undefined && (
        <Section name="Output">
          <JsonView value={row.output} name="the output" />
        </Section>
      )}
      {row && seen && (
        <Section name="Variables">
          <JsonView value={seen} name="the variables" />
        </Section>
      )}
    </>
  );
}

function Facts({ row }: { readonly row: StepRow }): JSX.Element {
  const { startedAt, durationMs, attempts, retryAt, waitsFor } = row;
  return (
    <dl class="run-fact-list">
      {startedAt !== undefined && (
        <Fact name="Began">{timeText(startedAt)}</Fact>
      )}
      {durationMs !== undefined && (
        <Fact name="Took">{lengthText(durationMs)}</Fact>
      )}
      {attempts > 0 && <Fact name="Attempts">{attempts}</Fact>}
      {retryAt !== undefined && (
        <Fact name="Next attempt">{timeText(retryAt)}</Fact>
      )}
      {waitsFor && <Fact name="Waits for">{waitText(waitsFor)}</Fact>}
    </dl>
  );
}

function waitText(
  waitsFor: NonNullable<StepRow["waitsFor"]>,
): ComponentChildren {
  switch (waitsFor.kind) {
    case "time":
      return timeText(waitsFor.until);
    case "signal":
      return <code>{waitsFor.signal}</code>;
    case "approval":
      return waitsFor.title || "a decision";
    case "child":
      return <RunLink id={waitsFor.run} />;
    default:
      return "somebody to let it go on";
  }
}

/** A link to another run. */
export function RunLink({ id }: { readonly id: string }): JSX.Element {
  return <a class="mono" href={pathAt(`/runs/${id}`)}>{id}</a>;
}

/** What attempts before came to. */
function Attempts(
  { past, at, path }: Pick<StepPanelProps, "past" | "at" | "path">,
): JSX.Element | null {
  const failed = (past.steps.get(path)?.entries ?? []).flatMap((index) => {
    const entry = past.entries[index];
    return index <= at && entry?.kind === "step.failed" && entry.step === path
      ? [entry]
      : [];
  });
  if (failed.length < 2 && failed[0]?.retryAt === undefined) return null;
  return (
    <Section name="Attempts that failed">
      <ol class="attempts">
        {failed.map(({ attempt, error, since, at: end, retryAt }) => (
          <li key={attempt}>
            <strong>{attempt}</strong>
            <span>
              {error.message}
              <small>
                {timeText(since)}, {lengthText(end - since)}
                {retryAt !== undefined &&
                  `, again after ${lengthText(retryAt - end)}`}
              </small>
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}

function WorkedOut(
  { worked, name }: { readonly worked: Worked; readonly name: string },
): JSX.Element {
  return worked.kind === "value"
    ? <JsonView value={worked.value} name={name} />
    : <p class="notice fail">{worked.message}</p>;
}

/** A part of a panel, with its name. */
export function Section(
  { name, children }: {
    readonly name: string;
    readonly children: ComponentChildren;
  },
): JSX.Element {
  return (
    <section class="panel-part">
      <h3>{name}</h3>
      {children}
    </section>
  );
}

/** A line of a list of facts. */
export function Fact(
  { name, children }: {
    readonly name: string;
    readonly children: ComponentChildren;
  },
): JSX.Element {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
