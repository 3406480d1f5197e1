/**
 * One schedule: when it comes, how it went last, and what can be done.
 *
 * @module
 */
import { useState } from "preact/hooks";
import { send } from "../api.ts";
import type { Action } from "../parts/action.tsx";
import { useNow } from "../parts/clock.ts";
import { Confirm } from "../parts/confirm.tsx";
import { agoText, inText } from "../parts/since.ts";
import { Icon } from "../icons.tsx";
import { Pill } from "../parts/pill.tsx";
import { timeText } from "../parts/time.ts";
import { History } from "./history.tsx";
import {
  fateOf,
  type Schedule,
  schedulePath,
  standing,
  whenWords,
} from "./schedule.ts";

/** What a row is given. */
export interface ScheduleRowProps {
  readonly schedule: Schedule;
  readonly isOpen: boolean;
  readonly action: Action;
  readonly onToggle: () => void;
  readonly onChange: () => void;
  readonly onEdit: (schedule: Schedule) => void;
}

/** See the module comment. */
export function ScheduleRow(props: ScheduleRowProps) {
  const { schedule, isOpen, onToggle } = props;
  const { id, application, workflow, action } = schedule;
  const [word, tone] = standing(schedule);
  return (
    <li>
      <div class="schedule-row">
        <button
          type="button"
          class="schedule-title"
          aria-expanded={isOpen}
          onClick={onToggle}
        >
          <Icon name={isOpen ? "down" : "right"} size={14} />
          <span>
            <span class="clipped strong" title={id}>{id}</span>
            <small class="clipped" title={`${workflow}.${action}`}>
              {workflow} · {action} · {application}
            </small>
          </span>
        </button>
        <span>
          <Pill status={word} tone={tone} />
        </span>
        <Next schedule={schedule} />
        <Last schedule={schedule} />
        <Actions {...props} />
      </div>
      {isOpen && (
        <History schedule={schedule}>
          {schedule.source === "api" && <Changes {...props} />}
        </History>
      )}
    </li>
  );
}

function Next({ schedule }: { readonly schedule: Schedule }) {
  const now = useNow();
  const { nextDueAt, paused } = schedule;
  return (
    <span class="schedule-fact">
      <span title={schedule.cron}>{whenWords(schedule)}</span>
      <small>
        {nextDueAt === null || paused
          ? "Does not come"
          : (
            <time dateTime={nextDueAt}>
              {inText(nextDueAt, now)} · {timeText(nextDueAt, now)}
            </time>
          )}
      </small>
    </span>
  );
}

function Last({ schedule: { lastRun } }: { readonly schedule: Schedule }) {
  const now = useNow();
  if (lastRun === null) {
    return (
      <span class="schedule-fact schedule-last">
        <small>Has not run yet</small>
      </span>
    );
  }
  const [word, tone] = fateOf(lastRun);
  return (
    <span class="schedule-fact schedule-last" title={lastRun.error}>
      <span>
        <Pill status={word} tone={tone} />
      </span>
      <small>
        <time dateTime={lastRun.at}>{agoText(lastRun.at, now)}</time>
        {lastRun.manual && ", by hand"}
      </small>
    </span>
  );
}

function Actions({ schedule, action, onChange }: ScheduleRowProps) {
  const { id, paused } = schedule;
  const act = (verb: string, done?: string) =>
    action.run(`${verb} ${id}`, async () => {
      await send(schedulePath(schedule, `/${verb}`), { method: "POST" });
      onChange();
      return done;
    });
  const isBusy = action.busy !== "";
  return (
    <span class="schedule-actions">
      <Act
        {...{ verb: paused ? "Resume" : "Pause", id, isBusy }}
        onClick={() => act(paused ? "resume" : "pause")}
      />
      <Act
        {...{ verb: "Run now", id, isBusy }}
        onClick={() => act("run", `${id} runs now, beside its times.`)}
      />
    </span>
  );
}

/** For one that was made here: documents change theirs themselves. */
function Changes({ schedule, action, onChange, onEdit }: ScheduleRowProps) {
  const { id } = schedule;
  const [isAsked, setAsked] = useState(false);
  const isBusy = action.busy !== "";
  const remove = () =>
    action.run(`delete ${id}`, async () => {
      setAsked(false);
      await send(schedulePath(schedule), { method: "DELETE" });
      onChange();
      return `${id} is deleted.`;
    });
  return (
    <span class="schedule-changes">
      <Act {...{ verb: "Edit", id, isBusy }} onClick={() => onEdit(schedule)} />
      <Act
        {...{ verb: "Delete", id, isBusy, isDanger: true }}
        onClick={() => setAsked(true)}
      />
      {isAsked && (
        <Confirm
          title={`Delete ${id}?`}
          verb={`Delete ${id}`}
          onNo={() => setAsked(false)}
          onYes={remove}
        >
          It does not come again, and its history is gone for good.
        </Confirm>
      )}
    </span>
  );
}

function Act(
  { verb, id, isBusy, isDanger = false, onClick }: {
    readonly verb: string;
    readonly id: string;
    readonly isBusy: boolean;
    readonly isDanger?: boolean;
    readonly onClick: () => void;
  },
) {
  return (
    <button
      type="button"
      class={isDanger ? "button small danger" : "button small"}
      aria-label={`${verb}: ${id}`}
      disabled={isBusy}
      onClick={onClick}
    >
      {verb}
    </button>
  );
}
