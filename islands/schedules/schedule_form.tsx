/**
 * Makes a schedule, or changes one that was made here.
 *
 * @module
 */
import { useId, useState } from "preact/hooks";
import { send } from "../api.ts";
import { FormDialog } from "../parts/form_dialog.tsx";
import { useResource } from "../parts/resource.ts";
import { type Draft, draftOf, faultsOf, specOf } from "./draft.ts";
import { type Schedule, schedulePath } from "./schedule.ts";
import { TimingFields } from "./timing_fields.tsx";

interface Status {
  readonly applications: readonly {
    readonly id: string;
    readonly workflows: readonly string[];
  }[];
}

/** What every part of the form is given. */
export interface FieldsProps {
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
}

/** See the module comment. @param schedule The one to change; absent: a new one. */
export function ScheduleForm(
  { schedule, onClose, onWritten }: {
    readonly schedule: Schedule | undefined;
    readonly onClose: () => void;
    readonly onWritten: () => void;
  },
) {
  const status = useResource<Status>("/api/workflow/status");
  const [draft, setDraft] = useState(() => draftOf(schedule));
  const applications = status.value?.applications ?? [];
  const application = draft.application || applications[0]?.id || "";
  const faults = faultsOf(draft);
  const write = async () => {
    const path = schedule === undefined
      ? `/api/schedules?${new URLSearchParams({ application })}`
      : schedulePath(schedule);
    const method = schedule === undefined ? "POST" : "PUT";
    await send(path, { method, body: specOf(draft) });
    onWritten();
  };
  const fields = {
    draft,
    change: (part: Partial<Draft>) => setDraft({ ...draft, ...part }),
  };
  const workflows = applications.find(({ id }) => id === application)
    ?.workflows ?? [];
  return (
    <FormDialog
      title={schedule === undefined ? "New schedule" : `Edit ${schedule.id}`}
      verb={schedule === undefined ? "Create" : "Save"}
      isWide
      isReady={Object.keys(faults).length === 0}
      onDo={write}
      onClose={onClose}
    >
      <div class="form-fields">
        {schedule === undefined && (
          <NameFields
            {...fields}
            applications={applications.map(({ id }) => id)}
            application={application}
          />
        )}
        <WorkFields {...fields} workflows={workflows} />
      </div>
      <TimingFields {...fields} fault={faults.when} />
      <ParamsField {...fields} fault={faults.params} />
      <Rules {...fields} />
    </FormDialog>
  );
}

function NameFields(
  { draft, change, applications, application }: FieldsProps & {
    readonly applications: readonly string[];
    readonly application: string;
  },
) {
  return (
    <>
      <label>
        Name
        <input
          class="field mono"
          maxLength={100}
          pattern="[A-Za-z0-9][A-Za-z0-9._\-]*"
          title="Letters, digits, dots, dashes and underscores"
          placeholder="Made up if it is empty"
          value={draft.id}
          onInput={({ currentTarget }) => change({ id: currentTarget.value })}
        />
      </label>
      {applications.length > 1 && (
        <label>
          Document
          <select
            class="field"
            value={application}
            onChange={({ currentTarget }) =>
              change({ application: currentTarget.value })}
          >
            {applications.map((id) => <option key={id}>{id}</option>)}
          </select>
        </label>
      )}
    </>
  );
}

function WorkFields(
  { draft, change, workflows }: FieldsProps & {
    readonly workflows: readonly string[];
  },
) {
  const list = useId();
  return (
    <>
      <label>
        Workflow
        <input
          class="field mono"
          required
          list={list}
          placeholder={workflows[0] ?? "messaging"}
          value={draft.workflow}
          onInput={({ currentTarget }) =>
            change({ workflow: currentTarget.value })}
        />
        <datalist id={list}>
          {workflows.map((name) => <option key={name} value={name} />)}
        </datalist>
      </label>
      <label>
        Action
        <input
          class="field mono"
          required
          placeholder={draft.workflow === "messaging" ? "order.placed" : "run"}
          value={draft.action}
          onInput={({ currentTarget }) =>
            change({ action: currentTarget.value })}
        />
      </label>
    </>
  );
}

function ParamsField(
  { draft, change, fault }: FieldsProps & {
    readonly fault: string | undefined;
  },
) {
  const problem = useId();
  return (
    <label>
      Params
      <em>JSON that is passed on beside trigger_time.</em>
      <textarea
        class="field mono"
        rows={3}
        spellcheck={false}
        value={draft.params}
        aria-invalid={fault !== undefined}
        aria-describedby={fault === undefined ? undefined : problem}
        onInput={({ currentTarget }) => change({ params: currentTarget.value })}
      />
      {fault !== undefined && (
        <em class="field-problem" id={problem}>{fault}</em>
      )}
    </label>
  );
}

function Rules({ draft, change }: FieldsProps) {
  return (
    <div class="form-fields">
      <label>
        Missed while the engine was off
        <select
          class="field"
          value={draft.missed}
          onChange={({ currentTarget }) =>
            change({ missed: currentTarget.value as Draft["missed"] })}
        >
          <option value="once">Make up for all with one run</option>
          <option value="all">Run for each, 100 at most</option>
          <option value="skip">Leave out</option>
        </select>
      </label>
      <label>
        While one goes on
        <select
          class="field"
          value={draft.overlap}
          onChange={({ currentTarget }) =>
            change({ overlap: currentTarget.value as Draft["overlap"] })}
        >
          <option value="allow">Begin another</option>
          <option value="skip">Leave the time out</option>
        </select>
      </label>
    </div>
  );
}
