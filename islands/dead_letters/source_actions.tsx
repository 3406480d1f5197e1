/**
 * What can be done with all letters of a source.
 *
 * @module
 */
import { useState } from "preact/hooks";
import { ask } from "../api.ts";
import { Outcome, useAction } from "../parts/action.tsx";
import { Confirm } from "../parts/confirm.tsx";
import { count } from "../parts/pager.tsx";
import { Icon } from "../icons.tsx";
import { type Source, sourcePath, sourceWords } from "./dead_letter.ts";

/** Its name, and the buttons. */
export function SourceActions(
  { source, onChange }: {
    readonly source: Source;
    readonly onChange: () => void;
  },
) {
  const [kind, name] = sourceWords(source.source);
  const [isAsked, setAsked] = useState(false);
  const action = useAction();
  const letters = count(source.count, "letter");
  const replay = () =>
    action.run("replay", async () => {
      const path = sourcePath(source, "/replay");
      const { replayed } = await ask<{ readonly replayed: number }>(path, {
        method: "POST",
      });
      onChange();
      return `${count(replayed, "letter")} went back to the source.`;
    });
  const purge = () =>
    action.run("purge", async () => {
      setAsked(false);
      const { purged } = await ask<{ readonly purged: number }>(
        sourcePath(source),
        { method: "DELETE" },
      );
      onChange();
      return `${count(purged, "letter")} purged.`;
    });
  return (
    <>
      <div class="tool-row source-head">
        <div class="grow">
          <h2 class="clipped" title={name}>{name}</h2>
          <span class="quiet">{kind} of {source.application}</span>
        </div>
        <button
          type="button"
          class="button danger"
          disabled={action.busy !== ""}
          onClick={() => setAsked(true)}
        >
          Purge all
        </button>
        <button
          type="button"
          class="button primary"
          disabled={action.busy !== ""}
          onClick={replay}
        >
          <Icon name="undo" size={14} />
          {action.busy === "replay" ? "Replaying" : "Replay all"}
        </button>
      </div>
      <Outcome action={action} />
      {isAsked && (
        <Confirm
          title={`Purge ${letters} of ${name}?`}
          verb={`Purge ${letters}`}
          onNo={() => setAsked(false)}
          onYes={purge}
        >
          What they hold is gone for good, and never done.
        </Confirm>
      )}
    </>
  );
}
