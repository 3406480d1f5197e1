/**
 * What comes at certain times: when next, how it went, and what to do about it.
 *
 * @module
 */
import { useState } from "preact/hooks";
import { Outcome, useAction } from "../parts/action.tsx";
import { count, Pager, Search, usePage } from "../parts/pager.tsx";
import { useQuery } from "../parts/tabs.tsx";
import { View } from "../parts/view.tsx";
import { Icon } from "../icons.tsx";
import { useResource } from "../parts/resource.ts";
import { Empty } from "../parts/states.tsx";
import type { Schedule } from "./schedule.ts";
import { ScheduleForm } from "./schedule_form.tsx";
import { ScheduleRow } from "./schedule_row.tsx";

/** How often the list is asked for, in milliseconds. */
const EVERY_MS = 3_000;

/** What is being written: a new one, or one that is there. */
type Written = "new" | Schedule;

export default function Schedules(_: Readonly<Record<string, never>>) {
  const list = useResource<readonly Schedule[]>("/api/schedules", EVERY_MS);
  const [written, setWritten] = useState<Written>();
  const action = useAction();
  const onNew = () => setWritten("new");
  return (
    <div class="page">
      <header>
        <h1>Schedules</h1>
        {list.value !== undefined && list.value.length > 0 && (
          <span class="quiet">{summary(list.value)}</span>
        )}
        <span class="grow"></span>
        <button type="button" class="button primary" onClick={onNew}>
          <Icon name="plus" size={14} />
          New schedule
        </button>
      </header>
      <Outcome action={action} />
      <View name="the schedules" resource={list}>
        {(all) =>
          all.length === 0 ? <None onNew={onNew} /> : (
            <List
              all={all}
              row={{ action, onChange: list.reload, onEdit: setWritten }}
            />
          )}
      </View>
      {written !== undefined && (
        <ScheduleForm
          schedule={written === "new" ? undefined : written}
          onClose={() => setWritten(undefined)}
          onWritten={() => {
            setWritten(undefined);
            list.reload();
          }}
        />
      )}
    </div>
  );
}

function summary(all: readonly Schedule[]): string {
  const paused = all.filter((one) => one.paused).length;
  const text = count(all.length, "schedule");
  return paused === 0 ? text : `${text}, ${paused} paused`;
}

function None({ onNew }: { readonly onNew: () => void }) {
  return (
    <div class="card">
      <Empty icon="clock" title="No schedules yet">
        <p>
          A schedule runs a workflow at certain times. Make one here, or write
          it into a document under <code>triggers</code>.
        </p>
        <button type="button" class="button primary" onClick={onNew}>
          New schedule
        </button>
      </Empty>
    </div>
  );
}

/** What every row is given. */
interface RowProps {
  readonly action: ReturnType<typeof useAction>;
  readonly onChange: () => void;
  readonly onEdit: (schedule: Schedule) => void;
}

function List(
  { all, row }: {
    readonly all: readonly Schedule[];
    readonly row: RowProps;
  },
) {
  const [open, setOpen] = useQuery("schedule");
  const [search, setSearch] = useQuery("q");
  const found = all.filter((schedule) =>
    `${schedule.id} ${schedule.workflow} ${schedule.action}`.toLowerCase()
      .includes(search.toLowerCase())
  );
  const page = usePage(found);
  return (
    <>
      {(all.length > 8 || search !== "") && (
        <div class="tool-row">
          <Search label="Find a schedule" value={search} onInput={setSearch} />
        </div>
      )}
      <div class="card">
        {found.length === 0 && (
          <Empty icon="search" title={`Nothing is called “${search}”`} />
        )}
        <ul class="schedule-list">
          {page.rows.map((schedule) => {
            const key = `${schedule.application}/${schedule.id}`;
            return (
              <ScheduleRow
                key={key}
                schedule={schedule}
                isOpen={open === key}
                onToggle={() => setOpen(open === key ? "" : key)}
                {...row}
              />
            );
          })}
        </ul>
        <Pager page={page} />
      </div>
    </>
  );
}
