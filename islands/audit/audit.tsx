/**
 * Who changed what, when, and what came of it.
 *
 * @module
 */
import { useState } from "preact/hooks";
import { Search, Steps } from "../parts/pager.tsx";
import { Scroll } from "../parts/scroll.tsx";
import { View } from "../parts/view.tsx";
import type { Tone } from "../parts/pill.tsx";
import { Pill } from "../parts/pill.tsx";
import { useResource } from "../parts/resource.ts";
import { Empty } from "../parts/states.tsx";
import { timeText } from "../parts/time.ts";
import { deedOf } from "./deeds.ts";

/** How many entries a page has. */
const ENTRIES = 50;

/** How often the first page is asked for, in milliseconds. */
const EVERY_MS = 5_000;

/** One thing that somebody asked for. */
interface Entry {
  readonly id: string;
  readonly at: string;
  readonly who: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

export default function Audit(_: Readonly<Record<string, never>>) {
  /** The last entry of each page before this one. */
  const [seen, setSeen] = useState<readonly string[]>([]);
  const [search, setSearch] = useState("");
  const before = seen.at(-1);
  // One more tells whether there are more.
  const query = new URLSearchParams({ limit: String(ENTRIES + 1) });
  if (before !== undefined) query.set("before", before);
  const resource = useResource<readonly Entry[]>(
    `/api/audit?${query}`,
    before === undefined ? EVERY_MS : 0,
  );
  return (
    <div class="page">
      <header>
        <h1>Audit log</h1>
        <span class="quiet">Every change that was asked for, for 90 days</span>
        <span class="grow"></span>
        <Search
          label="Find on this page"
          value={search}
          onInput={setSearch}
        />
      </header>
      <View name="the audit log" resource={resource}>
        {(entries) => {
          const page = entries.slice(0, ENTRIES);
          const last = page.at(-1);
          return (
            <div class="card">
              <Table
                entries={page.filter((entry) => isMeant(entry, search))}
                isFirst={seen.length === 0}
                search={search}
              />
              {(seen.length > 0 || entries.length > ENTRIES) && (
                <Steps
                  text={`Page ${seen.length + 1}, the newest first`}
                  back="Newer"
                  on="Older"
                  onBack={seen.length > 0
                    ? () => setSeen(seen.slice(0, -1))
                    : undefined}
                  onOn={last !== undefined && entries.length > ENTRIES
                    ? () => setSeen([...seen, last.id])
                    : undefined}
                />
              )}
            </div>
          );
        }}
      </View>
    </div>
  );
}

function isMeant(entry: Entry, search: string): boolean {
  const text = `${entry.who} ${entry.method} ${entry.path} ${
    deedOf(entry.method, entry.path)
  } ${entry.status}`;
  return text.toLowerCase().includes(search.toLowerCase());
}

function Table(
  { entries, isFirst, search }: {
    readonly entries: readonly Entry[];
    readonly isFirst: boolean;
    readonly search: string;
  },
) {
  if (entries.length === 0) {
    return search !== ""
      ? <Empty icon="search" title={`Nothing here holds “${search}”`} />
      : (
        <Empty icon="shield" title="Nothing was changed yet">
          <p>
            {isFirst
              ? "What somebody changes here, with wfctl or over the API stands here: who, what, when, and what came of it."
              : "This is the end."}
          </p>
        </Empty>
      );
  }
  return (
    <Scroll label="Entries">
      <table class="table audit">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">What</th>
            <th scope="col">Outcome</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => <Row key={entry.id} {...entry} />)}
        </tbody>
      </table>
    </Scroll>
  );
}

function Row({ at, who, method, path, status }: Entry) {
  const [word, tone] = outcomeOf(status);
  return (
    <tr>
      <td class="audit-when">
        <time dateTime={at}>{timeText(at)}</time>
      </td>
      <td class="audit-when">{whoWords(who)}</td>
      <td>
        <span class="audit-what">{deedOf(method, path)}</span>
        <code class="cell-sub audit-what">{method} {path}</code>
      </td>
      <td class="audit-when">
        <Pill status={word} tone={tone} />{" "}
        <span class="quiet number">{status}</span>
      </td>
    </tr>
  );
}

/** `session 1a2b3c4d` is a browser. */
function whoWords(who: string): string {
  return who === "token"
    ? "Management token"
    : who.replace(/^session /, "Browser ");
}

function outcomeOf(status: number): readonly [string, Tone] {
  if (status < 400) return ["done", "ok"];
  return status < 500 ? ["refused", "fail"] : ["failed", "fail"];
}
