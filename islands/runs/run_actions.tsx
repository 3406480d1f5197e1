/**
 * What can be done to a run: cancel, signal, decide, fork.
 *
 * @module
 */
import { Fragment, type JSX } from "preact";
import { useState } from "preact/hooks";
import { send } from "../api.ts";
import { FormDialog } from "../parts/form_dialog.tsx";
import type { Reason } from "./explanation.ts";
import { ForkDialog } from "./fork_dialog.tsx";
import { JsonField, valueOf } from "./json_field.tsx";
import { PausedActions } from "./paused_actions.tsx";
import type { RunLook } from "./run_look.ts";

type Approval = Extract<Reason, { kind: "approval" }>;

/** A question that is open. */
type Asked =
  | { readonly kind: "cancel" | "signal" | "fork" }
  | {
    readonly kind: "decide";
    readonly approval: Approval;
    readonly isApproved: boolean;
  };

/** What the buttons are for. */
export interface RunActionsProps {
  readonly look: RunLook;
  readonly at: number;
  readonly step: string | undefined;
  /** Why the run does not go on; empty if that is not known. */
  readonly reasons: readonly Reason[];
  readonly onDone: () => void;
}

/** The buttons, and what they ask. */
export function RunActions(props: RunActionsProps): JSX.Element {
  const { look: { past, detail }, reasons } = props;
  const [asked, setAsked] = useState<Asked>();
  const { isOver } = past;
  const approvals = reasons.filter((reason) => reason.kind === "approval");
  const signals = reasons.flatMap((reason) =>
    reason.kind === "signal" ? [reason.signal] : []
  );
  const close = () => setAsked(undefined);
  const ask = (asked: Asked) => () => setAsked(asked);
  return (
    <div class="run-actions">
      {past.statusAt(past.last) === "paused" && (
        <PausedActions id={past.id} onDone={props.onDone} />
      )}
      {approvals.map((approval) => (
        <Fragment key={approval.link}>
          <button
            type="button"
            class="button primary"
            onClick={ask({ kind: "decide", approval, isApproved: true })}
          >
            {decisionText("Approve", approval, approvals.length)}
          </button>
          <button
            type="button"
            class="button"
            onClick={ask({ kind: "decide", approval, isApproved: false })}
          >
            {decisionText("Reject", approval, approvals.length)}
          </button>
        </Fragment>
      ))}
      {!isOver && (
        <>
          <button
            type="button"
            class={`button${signals.length > 0 ? " primary" : ""}`}
            onClick={ask({ kind: "signal" })}
          >
            Signal
          </button>
          <button
            type="button"
            class="button danger"
            onClick={ask({ kind: "cancel" })}
          >
            Cancel run
          </button>
        </>
      )}
      <button
        type="button"
        class={`button${
          isOver && detail.status !== "completed" ? " primary" : ""
        }`}
        onClick={ask({ kind: "fork" })}
      >
        Fork from here
      </button>
      {asked && (
        <Question {...props} asked={asked} signals={signals} onClose={close} />
      )}
    </div>
  );
}

/** What was asked for, as a dialog. */
function Question(
  { asked, signals, ...props }: RunActionsProps & {
    readonly asked: Asked;
    readonly signals: readonly string[];
    readonly onClose: () => void;
  },
): JSX.Element {
  const { onClose } = props;
  const { id } = props.look.past;
  const onDone = () => {
    onClose();
    props.onDone();
  };
  const closing = { onClose, onDone };
  switch (asked.kind) {
    case "cancel":
      return <CancelDialog id={id} {...closing} />;
    case "signal":
      return <SignalDialog id={id} names={signals} {...closing} />;
    case "decide":
      return <DecideDialog {...asked} {...closing} />;
    case "fork":
      return <ForkDialog {...props} />;
  }
}

interface Closing {
  readonly onClose: () => void;
  readonly onDone: () => void;
}

function CancelDialog(
  { id, onClose, onDone }: Closing & { readonly id: string },
): JSX.Element {
  const [reason, setReason] = useState("");
  return (
    <FormDialog
      title="Cancel this run?"
      verb="Cancel run"
      wayOut="Leave it"
      isDanger
      onClose={onClose}
      onDo={async () => {
        const body = reason.trim() === "" ? {} : { reason: reason.trim() };
        await send(`/api/runs/${id}/cancel`, { method: "POST", body });
        onDone();
      }}
    >
      <p>
        Nothing new begins, work under way is told to stop, and what was done is
        undone where the pipeline says how.
      </p>
      <label>
        Reason
        <em>Kept in the journal. May be left empty.</em>
        <input
          class="field"
          maxLength={1_000}
          value={reason}
          onInput={({ currentTarget }) => setReason(currentTarget.value)}
        />
      </label>
    </FormDialog>
  );
}

function SignalDialog(
  { id, names, onClose, onDone }: Closing & {
    readonly id: string;
    readonly names: readonly string[];
  },
): JSX.Element {
  const [name, setName] = useState(names[0] ?? "");
  const [data, setData] = useState("{}");
  return (
    <FormDialog
      title="Signal the run"
      verb="Send signal"
      onClose={onClose}
      onDo={async () => {
        const body = JSON.stringify(valueOf(data) ?? null);
        const path = `/api/runs/${id}/signals/${encodeURIComponent(name)}`;
        await send(path, { method: "POST", body });
        onDone();
      }}
    >
      <label>
        Name
        <em>
          {names.length === 0
            ? "It waits for none now: a signal is kept until a step asks for it."
            : `It waits for ${names.map((each) => `“${each}”`).join(", ")}.`}
        </em>
        <input
          class="field mono"
          required
          value={name}
          onInput={({ currentTarget }) => setName(currentTarget.value)}
        />
      </label>
      <JsonField
        label="Data"
        help="The output of the step that waits."
        text={data}
        rows={5}
        onText={setData}
      />
    </FormDialog>
  );
}

function DecideDialog(
  { approval, isApproved, onClose, onDone }: Closing & {
    readonly approval: Approval;
    readonly isApproved: boolean;
  },
): JSX.Element {
  const [comment, setComment] = useState("");
  const decide = async () => {
    // The link may name another address than the one this page is from.
    const path = approval.link.slice(approval.link.indexOf("/approvals/"));
    await send(path, {
      method: "POST",
      body: {
        approved: isApproved,
        comment: comment.trim(),
        by: "the web interface",
      },
      headers: { accept: "application/json" },
    });
    onDone();
  };
  return (
    <FormDialog
      title={approval.title || `Decide about ${approval.step ?? "it"}`}
      verb={isApproved ? "Approve" : "Reject"}
      isDanger={!isApproved}
      onClose={onClose}
      onDo={decide}
    >
      <label>
        Comment
        <em>The steps that follow can read it. May be left empty.</em>
        <textarea
          class="field"
          rows={3}
          value={comment}
          onInput={({ currentTarget }) => setComment(currentTarget.value)}
        >
        </textarea>
      </label>
    </FormDialog>
  );
}

/** Which decision is meant, if there are several. */
function decisionText(
  verb: string,
  { step = "" }: Approval,
  count: number,
): string {
  return count > 1 ? `${verb} ${step}` : verb;
}
