/**
 * The rows of the list. Arrow keys move over them, Enter opens one.
 *
 * @module
 */
import type { JSX } from "preact";
import { memo } from "preact/compat";
import { useRef } from "preact/hooks";
import { at as pathAt } from "../api.ts";
import { Pill } from "../parts/pill.tsx";
import { moveOverRows } from "../parts/row_keys.ts";
import { lengthText, timeText } from "../parts/time.ts";
import type { ListedRun } from "./run_list.ts";

/** What the table shows. */
export interface RunTableProps {
  readonly runs: readonly ListedRun[];
  /** Whether several applications run, so that a row says whose it is. */
  readonly isShared: boolean;
}

/** See the module comment. */
export function RunTable({ runs, isShared }: RunTableProps): JSX.Element {
  const body = useRef<HTMLTableSectionElement>(null);
  const now = Date.now();
  const move = (event: KeyboardEvent) =>
    moveOverRows(event, body.current, "a.run-link");
  return (
    <table class="table run-table">
      <thead>
        <tr>
          <th scope="col">Status</th>
          <th scope="col">Run</th>
          <th scope="col">Pipeline</th>
          <th scope="col">Step</th>
          <th scope="col">Started</th>
          <th scope="col" class="right">Length</th>
        </tr>
      </thead>
      <tbody ref={body} onKeyDown={move}>
        {runs.map((run) => (
          <RunRow
            key={run.id}
            run={run}
            version={JSON.stringify(run)}
            now={run.finishedAt ?? now}
            isShared={isShared}
          />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly run: ListedRun;
  /** Changes with what the row shows. */
  readonly version: string;
  readonly now: number;
  readonly isShared: boolean;
}

const RunRow = memo(
  function RunRow({ run, now, isShared }: RowProps): JSX.Element {
    const { id, key, application, pipeline, status, acceptedAt, error } = run;
    const step = error?.step ?? run.at?.join(", ") ?? "";
    const lengthMs = run.durationMs ?? Math.max(0, now - acceptedAt);
    return (
      <tr>
        <td>
          <Pill status={status} />
        </td>
        <td class="run-name">
          <a
            class="run-link mono"
            href={pathAt(`/runs/${id}`)}
            title={key ?? id}
          >
            {key ?? id}
          </a>
          {key !== undefined && <small class="mono">{id}</small>}
        </td>
        <td class="cut" title={pipeline}>
          {pipeline}
          {isShared && <small>{application}</small>}
        </td>
        <td class="cut" title={error?.message ?? step}>
          <code>{step}</code>
          {error !== undefined && <small>{error.message}</small>}
        </td>
        <td class="number">{timeText(acceptedAt)}</td>
        <td class="number right">{lengthText(lengthMs)}</td>
      </tr>
    );
  },
  (before, after) =>
    before.version === after.version && before.isShared === after.isShared &&
    (after.run.finishedAt !== undefined || before.now === after.now),
);
