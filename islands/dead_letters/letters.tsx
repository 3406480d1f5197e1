/**
 * A page of dead letters; each opens to its payload.
 *
 * @module
 */
import { useState } from "preact/hooks";
import { send } from "../api.ts";
import { type Action, Outcome, useAction } from "../parts/action.tsx";
import { useNow } from "../parts/clock.ts";
import { Confirm } from "../parts/confirm.tsx";
import { count, number, Steps } from "../parts/pager.tsx";
import { agoText } from "../parts/since.ts";
import { Icon } from "../icons.tsx";
import { Empty } from "../parts/states.tsx";
import { timeText } from "../parts/time.ts";
import { type DeadLetter, letterPath, sourceWords } from "./dead_letter.ts";

/** See the module comment. */
export function Letters(
  { letters, start, onChange, onBack, onOn }: {
    readonly letters: readonly DeadLetter[];
    /** How many stand before this page. */
    readonly start: number;
    readonly onChange: () => void;
    readonly onBack: (() => void) | undefined;
    readonly onOn: (() => void) | undefined;
  },
) {
  const action = useAction();
  const [purged, setPurged] = useState<DeadLetter>();
  const act = (letter: DeadLetter, verb: "replay" | "purge") =>
    action.run(verb, async () => {
      setPurged(undefined);
      await (verb === "replay"
        ? send(letterPath(letter, "/replay"), { method: "POST" })
        : send(letterPath(letter), { method: "DELETE" }));
      onChange();
      return verb === "replay"
        ? `The letter of ${timeText(letter.lastAt)} went back to its source.`
        : `The letter of ${timeText(letter.lastAt)} is purged.`;
    });
  return (
    <>
      <Outcome action={action} />
      <div class="card">
        {letters.length === 0 && (
          <Empty icon="check" title="Nothing is left here" />
        )}
        <ul class="letter-list">
          {letters.map((letter) => (
            <Letter
              key={letter.id}
              letter={letter}
              action={action}
              onReplay={() => act(letter, "replay")}
              onPurge={() => setPurged(letter)}
            />
          ))}
        </ul>
        {(onBack !== undefined || onOn !== undefined) && (
          <Steps
            text={`${number(start + 1)} to ${
              number(start + letters.length)
            }, the oldest first`}
            onBack={onBack}
            onOn={onOn}
          />
        )}
      </div>
      {purged !== undefined && (
        <Confirm
          title="Purge this letter?"
          verb="Purge the letter"
          onNo={() => setPurged(undefined)}
          onYes={() => act(purged, "purge")}
        >
          {sourceWords(purged.source)[1]}, of {timeText(purged.lastAt)}
          : what it holds is gone for good, and never done.
        </Confirm>
      )}
    </>
  );
}

function Letter(
  { letter, action, onReplay, onPurge }: {
    readonly letter: DeadLetter;
    readonly action: Action;
    readonly onReplay: () => void;
    readonly onPurge: () => void;
  },
) {
  const now = useNow(10_000);
  const [isOpen, setOpen] = useState(false);
  const { error, attempts, source, id } = letter;
  return (
    <li>
      <div class="letter">
        <button
          type="button"
          class="letter-title"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          <Icon name={isOpen ? "down" : "right"} size={14} />
          <span>
            <span class="clipped" title={error}>{error}</span>
            <small class="clipped">
              {sourceWords(source)[1]} · {count(attempts, "attempt")} ·{" "}
              {whenWords(letter, now)}
            </small>
          </span>
        </button>
        <button
          type="button"
          class="button small danger"
          disabled={action.busy !== ""}
          aria-label={`Purge the letter ${id}`}
          onClick={onPurge}
        >
          Purge
        </button>
        <button
          type="button"
          class="button small"
          disabled={action.busy !== ""}
          aria-label={`Replay the letter ${id}`}
          onClick={onReplay}
        >
          Replay
        </button>
      </div>
      {isOpen && <Whole letter={letter} />}
    </li>
  );
}

function whenWords(
  { firstAt, lastAt, attempts }: DeadLetter,
  now: number,
): string {
  const last = agoText(lastAt, now);
  return attempts < 2 ? last : `first ${agoText(firstAt, now)}, last ${last}`;
}

function Whole({ letter }: { readonly letter: DeadLetter }) {
  const { id, error, firstAt, lastAt, payload, application, source } = letter;
  return (
    <div class="letter-whole stacked">
      <dl class="fact-list">
        <div>
          <dt>Id</dt>
          <dd>
            <code>{id}</code>
          </dd>
        </div>
        <div>
          <dt>Source</dt>
          <dd>
            <code>{source}</code>
          </dd>
        </div>
        <div>
          <dt>Document</dt>
          <dd>{application}</dd>
        </div>
        <div>
          <dt>First attempt</dt>
          <dd>{timeText(firstAt)}</dd>
        </div>
        <div>
          <dt>Last attempt</dt>
          <dd>{timeText(lastAt)}</dd>
        </div>
      </dl>
      <h2 class="small-title">Error</h2>
      <pre class="text-block" tabIndex={0}>{error}</pre>
      <h2 class="small-title">Payload</h2>
      <pre
        class="text-block"
        tabIndex={0}
      >{JSON.stringify(payload, null, 2)}</pre>
    </div>
  );
}
