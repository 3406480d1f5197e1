/**
 * What a run was given and has come to, where its time has gone, and which runs
 * it comes from or has led to.
 *
 * @module
 */
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { lengthText, timeText } from "../parts/time.ts";
import { JsonView } from "./json_view.tsx";
import type { RunLook } from "./run_look.ts";
import { Fact, RunLink, Section } from "./step_panel.tsx";
import { variablesAt } from "./values.ts";

/** See the module comment. */
export function RunPanel(
  { look, at }: { readonly look: RunLook; readonly at: number },
): JSX.Element {
  const { past, detail, turn } = look;
  const variables = useMemo(() => variablesAt(past, at), [past, at, turn]);
  const entry = past.entries[at];
  const isEnd = at >= past.last && past.isOver;
  return (
    <>
      {isEnd && entry && "error" in entry && (
        <Section name="Error">
          <p class="notice fail">
            {entry.error.message} <code>{entry.error.code}</code>
          </p>
        </Section>
      )}
      {entry?.kind === "completed" && (
        <Section name="Output">
          <JsonView value={entry.output} name="the output" />
        </Section>
      )}
      <Section name="Input">
        <JsonView value={detail.input} name="the input" />
      </Section>
      <Section name="Steps so far">
        <JsonView value={variables.steps} name="the steps" />
      </Section>
      <Section name="Where the time has gone">
        <TimeBar look={look} />
      </Section>
      <Section name="About it">
        <dl class="run-fact-list">
          <Fact name="Run">
            <code>{detail.id}</code>
          </Fact>
          <Fact name="Application">{detail.application}</Fact>
          <Fact name="Version">
            <code>{detail.version}</code>
          </Fact>
          <Fact name="Started">{timeText(detail.acceptedAt)}</Fact>
          {detail.source && <Fact name="Begun by">{detail.source}</Fact>}
          <Lineage look={look} />
        </dl>
      </Section>
    </>
  );
}

function Lineage({ look }: { readonly look: RunLook }): JSX.Element {
  const { parent, forkOf, supersededBy, children } = look.detail.lineage;
  return (
    <>
      {parent && (
        <Fact name="Part of">
          <RunLink id={parent.run} />
        </Fact>
      )}
      {forkOf && (
        <Fact name="Fork of">
          <RunLink id={forkOf.run} /> from <code>{forkOf.step}</code>
        </Fact>
      )}
      {supersededBy && (
        <Fact name="Forked as">
          <RunLink id={supersededBy} />
        </Fact>
      )}
      {children.length > 0 && (
        <Fact name="Runs of its own">
          {children.map((id) => (
            <div key={id}>
              <RunLink id={id} />
            </div>
          ))}
        </Fact>
      )}
    </>
  );
}

function TimeBar({ look }: { readonly look: RunLook }): JSX.Element {
  const { assignmentMs, executionMs, transitionMs } = look.detail.timeSplit;
  const parts = [
    ["assignment", "Assignment", assignmentMs],
    ["execution", "Execution", executionMs],
    ["transition", "Transition and waiting", transitionMs],
  ] as const;
  const sum = assignmentMs + executionMs + transitionMs || 1;
  return (
    <>
      <div class="time-bar" aria-hidden="true">
        {parts.map(([kind, , ms]) => (
          <i
            key={kind}
            class={`segment ${kind} tone-ok`}
            style={{ width: `${(100 * ms) / sum}%` }}
          >
          </i>
        ))}
      </div>
      <dl class="run-fact-list">
        {parts.map(([kind, name, ms]) => (
          <Fact key={kind} name={name}>{lengthText(ms)}</Fact>
        ))}
      </dl>
    </>
  );
}
