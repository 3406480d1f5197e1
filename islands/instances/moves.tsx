/**
 * What an instance can do next, and a sheet that asks before it is done.
 *
 * @module
 */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { PossibleTransition } from "@engine/state/transition.ts";
import { ask } from "../api.ts";
import { Icon } from "../icons.tsx";
import { type Action, Outcome, useAction } from "../parts/action.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { JsonField, valueOf } from "../runs/json_field.tsx";
import { instancePath, type WholeInstance } from "./instance.ts";

/** See the module comment. */
export function Moves(
  { instance, onMoved }: {
    readonly instance: WholeInstance;
    readonly onMoved: () => void;
  },
): JSX.Element {
  const { transitions, state, definedAs } = instance;
  const [chosen, choose] = useState<PossibleTransition>();
  const action = useAction();
  const fire = async (name: string, data: unknown) => {
    const isDone = await action.run(name, async () => {
      const path = `/api${instancePath(instance)}/transitions/` +
        encodeURIComponent(name);
      const moved = await ask<WholeInstance>(path, {
        method: "POST",
        body: data === undefined ? {} : { data },
      });
      return `“${name}” is done: it went to ${moved.state}.`;
    });
    onMoved();
    if (isDone) choose(undefined);
  };
  return (
    <>
      {chosen === undefined && <Outcome action={action} />}
      {transitions.length === 0 && (
        <p class="quiet">
          {definedAs === null
            ? "The document has this state machine no more."
            : `No transition leads from ${state}.`}
        </p>
      )}
      <ul class="move-list">
        {transitions.map((transition) => (
          <Move
            key={transition.name}
            transition={transition}
            onChoose={() => {
              action.clear();
              choose(transition);
            }}
          />
        ))}
      </ul>
      {chosen !== undefined && (
        <FireDialog
          {...{ instance, action, transition: chosen }}
          onNo={() => {
            action.clear();
            choose(undefined);
          }}
          onFire={(data) => void fire(chosen.name, data)}
        />
      )}
    </>
  );
}

function Move(
  { transition, onChoose }: {
    readonly transition: PossibleTransition;
    readonly onChoose: () => void;
  },
): JSX.Element {
  const { name, toState, isAutomatic, condition, objection } = transition;
  return (
    <li>
      <button
        type="button"
        class="button"
        title={`Fire ${name}`}
        onClick={onChoose}
      >
        <Icon name="right" size={14} />
        <span class="clipped">{name}</span>
      </button>
      <div>
        <p class="quiet">
          to <code>{toState}</code>
          {isAutomatic && ", by itself once nothing holds it back"}
        </p>
        {condition !== undefined && (
          <p class="quiet">
            {objection === undefined ? "if" : "held back unless"}{" "}
            <code>{condition}</code>
          </p>
        )}
      </div>
    </li>
  );
}

function FireDialog(
  { instance, transition, action, onNo, onFire }: {
    readonly instance: WholeInstance;
    readonly transition: PossibleTransition;
    readonly action: Action;
    readonly onNo: () => void;
    readonly onFire: (data: unknown) => void;
  },
): JSX.Element {
  const [text, setText] = useState("");
  const { name, toState, condition } = transition;
  const data = dataOf(text);
  return (
    <Dialog
      title={`Fire “${name}” on ${instance.id}?`}
      onClose={onNo}
      actions={
        <>
          <button type="button" class="button" onClick={onNo}>Cancel</button>
          <button
            type="button"
            class="button primary"
            disabled={action.busy !== "" || data === "no object"}
            onClick={() => onFire(data)}
          >
            {action.busy === "" ? `Fire ${name}` : "Firing"}
          </button>
        </>
      }
    >
      <div class="quiet">
        It goes from <code>{instance.state}</code> to{" "}
        <code>{toState}</code>, and the work of its hooks begins. Nothing takes
        that back.
      </div>
      {condition !== undefined && (
        <div class="quiet">
          It is refused unless <code>{condition}</code>
        </div>
      )}
      <JsonField
        label="Data to send along"
        help="An object. Its fields are merged into the data of the instance."
        rows={4}
        text={text}
        onText={setText}
      />
      <Outcome action={action} />
    </Dialog>
  );
}

/** What is sent along: an object, or nothing. */
function dataOf(text: string): object | undefined | "no object" {
  try {
    const value = valueOf(text);
    const isObject = value !== null && typeof value === "object" &&
      !Array.isArray(value);
    return value === undefined || isObject
      ? value as object | undefined
      : "no object";
  } catch {
    // The field says where it cannot be read.
    return "no object";
  }
}
