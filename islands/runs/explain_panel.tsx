/**
 * Why a run does not go on, and what would make it.
 *
 * @module
 */
import type { JSX } from "preact";
import type { Explanation } from "./explanation.ts";
import { Failure, Loading } from "../parts/states.tsx";
import type { Resource } from "../parts/resource.ts";
import { lengthText, timeText } from "../parts/time.ts";
import { Fact, RunLink, Section } from "./step_panel.tsx";

const WAKES: Readonly<Record<string, string>> = {
  doing: "What is under way in the engine",
  timer: "The passing of time",
  signal: "A signal",
  child: "The end of another run",
  admission: "Its turn: other runs of the pipeline are under way",
  module: "A document that has what is missing",
};

/** See the module comment. */
export function ExplainPanel(
  { explained }: { readonly explained: Resource<Explanation> },
): JSX.Element {
  const { value, error, reload } = explained;
  if (value === undefined) {
    return error === undefined
      ? <Loading name="The explanation" rows={3} />
      : (
        <Failure
          title="The explanation cannot be read"
          error={error}
          onRetry={reload}
        />
      );
  }
  const { reasons, wakes, timeoutAt, failure } = value;
  return (
    <>
      <Section name={wakes.length === 0 ? "How it ended" : "Why it is here"}>
        <ul class="reasons">
          {reasons.map((reason) => (
            <li key={reason.message}>
              <span>{localTimes(reason.message)}</span>
              {reason.kind === "child" && <RunLink id={reason.run} />}
            </li>
          ))}
        </ul>
      </Section>
      {failure && (
        <Section name="It is to fail">
          <p class="notice fail">{failure.message}</p>
        </Section>
      )}
      {wakes.length > 0 && (
        <Section name="What makes it go on">
          <ul class="reasons">
            {wakes.map((wake) => <li key={wake}>{WAKES[wake] ?? wake}</li>)}
          </ul>
        </Section>
      )}
      {timeoutAt !== undefined && (
        <dl class="run-fact-list">
          <Fact name="Time limit">
            {timeText(timeoutAt)} (in {lengthText(
              Math.max(0, timeoutAt - Date.now()),
            )})
          </Fact>
        </dl>
      )}
    </>
  );
}

/** The engine says times as computers do. */
function localTimes(message: string): string {
  return message.replaceAll(
    /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g,
    (time) => timeText(time),
  );
}
