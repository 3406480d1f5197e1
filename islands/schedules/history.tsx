/**
 * The latest runs of a schedule, and what it is made of.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { View } from "../parts/view.tsx";
import { Pill } from "../parts/pill.tsx";
import { useResource } from "../parts/resource.ts";
import { lengthText, timeText } from "../parts/time.ts";
import {
  fateOf,
  type Firing,
  type Schedule,
  schedulePath,
  type WholeSchedule,
} from "./schedule.ts";

/** How often it is asked for, in milliseconds. */
const EVERY_MS = 3_000;

const MISSED: Readonly<Record<Schedule["missed"], string>> = {
  skip: "Left out",
  once: "Made up for with one run",
  all: "Made up for one by one",
};

/** See the module comment. */
export function History(
  { schedule, children }: {
    readonly schedule: Schedule;
    readonly children?: ComponentChildren;
  },
) {
  const whole = useResource<WholeSchedule>(schedulePath(schedule), EVERY_MS);
  return (
    <div class="schedule-whole stacked">
      <Facts schedule={schedule} />
      {children}
      <h2 class="small-title">Latest runs</h2>
      <View name="the latest runs" resource={whole} rows={2} isToldElsewhere>
        {({ running, history }) => (
          <>
            {running.map(({ idempotencyKey, at, manual }) => (
              <p class="firing" key={idempotencyKey}>
                <Pill status="running" />
                <span class="number">{timeText(at)}</span>
                {manual && <span class="quiet">by hand</span>}
              </p>
            ))}
            {running.length + history.length === 0 && (
              <p class="quiet">It has not run yet.</p>
            )}
            {history.map((firing) => (
              <Fired key={`${firing.at} ${firing.dueAt}`} firing={firing} />
            ))}
          </>
        )}
      </View>
    </div>
  );
}

function Facts({ schedule }: { readonly schedule: Schedule }) {
  const { source, missed, overlap, params, cron, timeZone } = schedule;
  return (
    <dl class="fact-list">
      {cron !== undefined && (
        <div>
          <dt>Cron</dt>
          <dd>
            <code>{cron}</code> {timeZone ?? "UTC"}
          </dd>
        </div>
      )}
      <div>
        <dt>Made</dt>
        <dd>{source === "api" ? "Here or over the API" : "In the document"}</dd>
      </div>
      <div>
        <dt>What was missed</dt>
        <dd>{MISSED[missed]}</dd>
      </div>
      <div>
        <dt>While one goes on</dt>
        <dd>{overlap === "allow" ? "Another may begin" : "It is left out"}</dd>
      </div>
      <div>
        <dt>Params</dt>
        <dd>
          <code>{JSON.stringify(params)}</code>
        </dd>
      </div>
    </dl>
  );
}

function Fired({ firing }: { readonly firing: Firing }) {
  const { at, endedAt, dueAt, untilAt, error, attempt, manual } = firing;
  const [word, tone] = fateOf(firing);
  const ms = Date.parse(endedAt) - Date.parse(at);
  return (
    <p class="firing">
      <Pill status={word} tone={tone} />
      <time class="number" dateTime={at}>{timeText(at)}</time>
      <span class="quiet">
        {untilAt !== undefined &&
          `due ${timeText(dueAt)} to ${timeText(untilAt)} · `}
        {manual && "by hand · "}
        {attempt > 1 && `attempt ${attempt} · `}
        {lengthText(Math.max(0, ms))}
      </span>
      {error !== undefined && <span class="firing-error">{error}</span>}
    </p>
  );
}
