/**
 * What a run is, and what can be done to it.
 *
 * @module
 */
import type { JSX } from "preact";
import { at as pathAt } from "../api.ts";
import { Icon } from "../icons.tsx";
import { Pill } from "../parts/pill.tsx";
import { lengthText, timeText } from "../parts/time.ts";
import { RunActions, type RunActionsProps } from "./run_actions.tsx";

/** Characters of a version that tell it apart. */
const VERSION_CHARACTERS = 8;

/** See the module comment. */
export function RunHeader(props: RunActionsProps): JSX.Element {
  const { look: { detail, past, isLost } } = props;
  const { pipeline, version, key, id, acceptedAt } = detail;
  const status = past.isOver ? past.statusAt(past.last) : detail.status;
  const end = past.isOver ? past.entries.at(-1)?.at : undefined;
  const lengthMs = (end ?? Date.now()) - acceptedAt;
  return (
    <header class="run-head">
      <a
        class="button icon turned"
        href={pathAt("/runs")}
        title="All runs"
        aria-label="All runs"
      >
        <Icon name="right" />
      </a>
      <div class="run-title">
        <div class="run-name-line">
          <h1 title={key ?? id}>{key ?? id}</h1>
          <Pill status={status} />
        </div>
        <p class="run-facts">
          <a href={pathAt(`/runs?pipeline=${encodeURIComponent(pipeline)}`)}>
            {pipeline}
          </a>
          <code title={`Version ${version}`}>
            {version.slice(0, VERSION_CHARACTERS)}
          </code>
          {key !== undefined && <code title="The id of the run">{id}</code>}
          <span>{timeText(acceptedAt)}</span>
          <span class="number">{lengthText(Math.max(0, lengthMs))}</span>
        </p>
      </div>
      {isLost && (
        <span class="pill wait" role="status">
          Connection lost, trying again
        </span>
      )}
      <span class="grow"></span>
      <RunActions {...props} />
    </header>
  );
}
