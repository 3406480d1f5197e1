/**
 * What an instance went through: each transition with who asked for it, what it
 * merged into the data, and what became of the work that it asked for.
 *
 * @module
 */
import type { JSX } from "preact";
import { at as pathAt } from "../api.ts";
import { useNow } from "../parts/clock.ts";
import { Pager, usePage } from "../parts/pager.tsx";
import { Pill, type Tone } from "../parts/pill.tsx";
import { agoText, inText } from "../parts/since.ts";
import { timeText } from "../parts/time.ts";
import type { ToldEntry, ToldWork } from "./instance.ts";

/** See the module comment. */
export function History(
  { entries }: {
    /** The oldest first. */
    readonly entries: readonly ToldEntry[];
  },
): JSX.Element {
  const now = useNow(10_000);
  const page = usePage(entries.toReversed());
  return (
    <>
      <ol class="life" reversed>
        {page.rows.map((entry, index) => (
          <Line
            key={entries.length - page.start - index}
            entry={entry}
            now={now}
          />
        ))}
      </ol>
      <Pager page={page} />
    </>
  );
}

function Line(
  { entry, now }: { readonly entry: ToldEntry; readonly now: number },
): JSX.Element {
  const { at, data, source, work = [] } = entry;
  const hasData = Object.keys(data).length > 0;
  return (
    <li class="life-line">
      <div class="life-head">
        <What entry={entry} />
        <span class="grow"></span>
        <time
          class="quiet number"
          dateTime={new Date(at).toISOString()}
          title={agoText(at, now)}
        >
          {timeText(at, now)}
        </time>
      </div>
      {source !== undefined && (
        <p class="quiet life-source">
          <Source source={source} />
        </p>
      )}
      {work.length > 0 && (
        <ul class="life-work" aria-label="Work that it asked for">
          {work.map((each) => (
            <Work key={each.idempotencyKey} work={each} now={now} />
          ))}
        </ul>
      )}
      {hasData && (
        <details class="life-data">
          <summary>
            {entry.fromState === null ? "Data at first" : "Merged data"}
          </summary>
          <pre
            class="text-block"
            tabIndex={0}
          >{JSON.stringify(data, null, 2)}</pre>
        </details>
      )}
    </li>
  );
}

function What(
  { entry: { transition, fromState, toState } }: { readonly entry: ToldEntry },
): JSX.Element {
  if (transition === null) {
    return fromState === null
      ? (
        <p>
          <strong>Created</strong> in <code>{toState}</code>
        </p>
      )
      : (
        <p>
          <strong>Data changed</strong> in <code>{toState}</code>
        </p>
      );
  }
  return (
    <p>
      <strong>{transition}</strong>{" "}
      <code>
        {fromState} → {toState}
      </code>
    </p>
  );
}

/** Who asked for it. A run has a page of its own. */
function Source({ source }: { readonly source: string }): JSX.Element {
  const run = /^run (\S+)$/.exec(source)?.[1];
  if (run !== undefined) {
    return (
      <>
        by the run{" "}
        <a class="mono" href={pathAt(`/runs/${encodeURIComponent(run)}`)}>
          {run}
        </a>
      </>
    );
  }
  return <>{source === "automatic" ? "by itself" : `by ${source}`}</>;
}

const SAID: Readonly<Record<ToldWork["status"], readonly [string, Tone]>> = {
  queued: ["queued", "idle"],
  due: ["under way", "run"],
  done: ["done", "ok"],
  failed: ["given up", "fail"],
};

function Work(
  { work, now }: { readonly work: ToldWork; readonly now: number },
): JSX.Element {
  const { handler, status, attempt = 1, error, at = 0, run } = work;
  const isLater = status === "due" && at > now;
  const [word, tone] = isLater
    ? ["tries again", "wait"] as const
    : SAID[status];
  return (
    <li>
      <Pill status={word} tone={tone} />
      <code>{handler}</code>
      {run !== undefined && (
        <a href={pathAt(`/runs/${encodeURIComponent(run)}`)}>Its run</a>
      )}
      {isLater && <span class="quiet number">{inText(at, now)}</span>}
      {error !== undefined && (
        <span class="life-error">
          {error}
          {attempt > 1 &&
            ` (attempt ${status === "failed" ? attempt : attempt - 1})`}
        </span>
      )}
    </li>
  );
}
