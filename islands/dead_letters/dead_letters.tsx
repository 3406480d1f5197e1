/**
 * What was given up after every attempt, kept until somebody decides: look,
 * replay, purge.
 *
 * @module
 */
import { useState } from "preact/hooks";
import { count } from "../parts/pager.tsx";
import { useQuery } from "../parts/tabs.tsx";
import { View } from "../parts/view.tsx";
import { useResource } from "../parts/resource.ts";
import { Empty } from "../parts/states.tsx";
import {
  type LetterPage,
  type Source,
  type Sources,
  sourceWords,
} from "./dead_letter.ts";
import { Letters } from "./letters.tsx";
import { SourceActions } from "./source_actions.tsx";

/** How often it is looked for more, in milliseconds. */
const EVERY_MS = 5_000;

/** How many letters a page has. */
const LETTERS = 50;

export default function DeadLetters(_: Readonly<Record<string, never>>) {
  const sources = useResource<Sources>("/api/dead-letters/sources", EVERY_MS);
  const all = sources.value?.sources ?? [];
  const [chosen, choose] = useQuery("source");
  const source = all.find((one) => keyOf(one) === chosen);
  return (
    <div class="page">
      <header>
        <h1>Dead letters</h1>
        {all.length > 0 && <span class="quiet">{total(sources.value)}</span>}
      </header>
      <View name="the dead letters" resource={sources}>
        {() =>
          all.length === 0 ? <None /> : (
            <div class="dead-letters">
              <SourceList
                all={all}
                chosen={source === undefined ? "" : chosen}
                onChoose={choose}
              />
              <Chosen
                key={source === undefined ? "" : chosen}
                source={source}
                onChange={sources.reload}
              />
            </div>
          )}
      </View>
    </div>
  );
}

function total(sources: Sources | undefined): string {
  if (sources === undefined) return "";
  const sum = sources.sources.reduce((all, { count }) => all + count, 0);
  const text = count(sum, "letter");
  return sources.complete ? text : `more than ${text}`;
}

function keyOf({ application, source }: Source): string {
  return `${application}/${source}`;
}

function None() {
  return (
    <div class="card">
      <Empty icon="check" title="Nothing was given up">
        <p>
          A message, webhook or event that fails at every attempt stands here
          with its error, until somebody replays or purges it.
        </p>
      </Empty>
    </div>
  );
}

function SourceList(
  { all, chosen, onChoose }: {
    readonly all: readonly Source[];
    readonly chosen: string;
    readonly onChoose: (key: string) => void;
  },
) {
  const sum = all.reduce((sum, { count }) => sum + count, 0);
  return (
    <nav class="card source-list" aria-label="Sources">
      <SourceButton
        {...{ kind: "", name: "All sources", count: sum }}
        isChosen={chosen === ""}
        onChoose={() => onChoose("")}
      />
      {all.map((source) => {
        const [kind, name] = sourceWords(source.source);
        return (
          <SourceButton
            key={keyOf(source)}
            kind={`${kind} · ${source.application}`}
            name={name}
            count={source.count}
            isChosen={chosen === keyOf(source)}
            onChoose={() => onChoose(keyOf(source))}
          />
        );
      })}
    </nav>
  );
}

function SourceButton(
  { kind, name, count, isChosen, onChoose }: {
    readonly kind: string;
    readonly name: string;
    readonly count: number;
    readonly isChosen: boolean;
    readonly onChoose: () => void;
  },
) {
  return (
    <button
      type="button"
      class="source-button"
      aria-current={isChosen ? "true" : undefined}
      onClick={onChoose}
    >
      <span>
        <span class="clipped" title={name}>{name}</span>
        {kind !== "" && <small class="clipped">{kind}</small>}
      </span>
      <b class="number">{count.toLocaleString()}</b>
    </button>
  );
}

/** The letters of one source, or of all. */
function Chosen(
  { source, onChange }: {
    readonly source: Source | undefined;
    readonly onChange: () => void;
  },
) {
  /** Where each page that was seen began. */
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const search = new URLSearchParams({ limit: String(LETTERS) });
  if (source !== undefined) {
    search.set("application", source.application);
    search.set("source", source.source);
  }
  const cursor = cursors.at(-1);
  if (cursor !== undefined) search.set("cursor", cursor);
  const page = useResource<LetterPage>(
    `/api/dead-letters?${search}`,
    EVERY_MS,
  );
  const changed = () => {
    page.reload();
    onChange();
  };
  return (
    <section class="stacked" aria-label="Letters">
      {source !== undefined && (
        <SourceActions
          source={source}
          onChange={changed}
        />
      )}
      <View name="the letters" resource={page} isToldElsewhere>
        {({ letters, next }) => (
          <Letters
            letters={letters}
            onChange={changed}
            start={cursors.length * LETTERS}
            onBack={cursors.length > 0
              ? () => setCursors(cursors.slice(0, -1))
              : undefined}
            onOn={next === undefined
              ? undefined
              : () => setCursors([...cursors, next])}
          />
        )}
      </View>
    </section>
  );
}
