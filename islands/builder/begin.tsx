/**
 * What is there while no document is shown: three ways to begin, one of them a
 * working example, and the documents that exist.
 *
 * @module
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { at } from "../api.ts";
import { Icon, type IconName } from "../icons.tsx";
import { Failure } from "../parts/states.tsx";
import { useDocuments } from "./context.ts";
import type { Start } from "./create_document.ts";
import { type DocumentRow, useDocumentRows } from "./document_rows.ts";
import { NewDocument } from "./new_document.tsx";
import { addressOf } from "./open_tabs.ts";

interface Way {
  readonly start: Start;
  readonly icon: IconName;
  readonly title: string;
  readonly text: string;
}

const WAYS: readonly Way[] = [
  {
    start: "example",
    icon: "play",
    title: "A working example",
    text: "Notes over HTTP: deploy it, ask it, change it.",
  },
  {
    start: "empty",
    icon: "plus",
    title: "An empty document",
    text: "Add modules from the palette, one by one.",
  },
  {
    start: "file",
    icon: "list",
    title: "A file of yours",
    text: "YAML stays as it is written; JSON becomes YAML.",
  },
];

export function Begin() {
  const [start, setStart] = useState<Start>();
  const heading = useRef<HTMLHeadingElement>(null);
  const { value, error, reload } = useDocumentRows();
  const isFirst = value?.length === 0;
  // The tab that had the focus may just have been closed.
  useEffect(() => heading.current?.focus(), []);
  return (
    <div class="page begin">
      <header>
        <h1 ref={heading} tabIndex={-1}>
          {isFirst ? "Make the first document" : "Begin"}
        </h1>
      </header>
      <p class="quiet">
        A document says what runs: its modules, how they are tied, and what they
        do.
      </p>
      <ul class="ways">
        {WAYS.map(({ start, icon, title, text }) => (
          <li key={start}>
            <button type="button" class="card" onClick={() => setStart(start)}>
              <span class="tile">
                <Icon name={icon} />
              </span>
              <strong>{title}</strong>
              <span class="quiet">{text}</span>
            </button>
          </li>
        ))}
      </ul>
      {value === undefined && error !== undefined && (
        <Failure
          title="The documents are not known"
          error={error}
          onRetry={reload}
        />
      )}
      {value !== undefined && value.length > 0 && <Existing rows={value} />}
      {start && (
        <NewDocument
          start={start}
          onClose={() => setStart(undefined)}
        />
      )}
    </div>
  );
}

/** The documents that are there, each with its way in. */
function Existing({ rows }: { readonly rows: readonly DocumentRow[] }) {
  const documents = useDocuments();
  return (
    <section aria-labelledby="begin-existing">
      <h2 id="begin-existing">Or open one</h2>
      <ul class="card existing">
        {rows.map(({ id, running }) => (
          <li key={id}>
            <a
              href={at(addressOf({ id }))}
              title={id}
              onClick={(event) => {
                if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                event.preventDefault();
                documents.show(id);
              }}
            >
              <Icon name="state" size={14} />
              <span>{id}</span>
              <small class={running ? "pill ok" : "pill idle"}>
                {running ? "Running" : "Not running"}
              </small>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
