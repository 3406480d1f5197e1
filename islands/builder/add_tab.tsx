/**
 * What leads to another document: one that exists, or a new one.
 *
 * @module
 */
import { useState } from "preact/hooks";
import { Icon } from "../icons.tsx";
import { useDocuments } from "./context.ts";
import { useDocumentRows } from "./document_rows.ts";
import { NewDocument } from "./new_document.tsx";

export function AddTab() {
  const [isOpen, setOpen] = useState(false);
  const [isNew, setNew] = useState(false);
  return (
    <div
      class="menu add-tab"
      onKeyDown={({ key }) => key === "Escape" && setOpen(false)}
      onFocusOut={({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget as Node | null)) {
          setOpen(false);
        }
      }}
    >
      <button
        type="button"
        class="button icon"
        aria-label="Open or make a document"
        title="Open or make a document"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name="plus" />
      </button>
      {isOpen && (
        <Choices
          onNew={() => {
            setOpen(false);
            setNew(true);
          }}
          onDone={() => setOpen(false)}
        />
      )}
      {isNew && <NewDocument start="empty" onClose={() => setNew(false)} />}
    </div>
  );
}

function Choices({ onNew, onDone }: {
  readonly onNew: () => void;
  readonly onDone: () => void;
}) {
  const documents = useDocuments();
  const { value, error } = useDocumentRows();
  const open = documents.ids.value;
  const others = value?.filter(({ id }) => !open.includes(id)) ?? [];
  return (
    <ul>
      <li>
        <button type="button" onClick={onNew}>
          <Icon name="plus" size={14} /> New document
        </button>
      </li>
      {others.map(({ id, running }) => (
        <li key={id}>
          <button
            type="button"
            title={id}
            onClick={() => {
              documents.show(id);
              onDone();
            }}
          >
            <span>{id}</span> {running && <small>runs</small>}
          </button>
        </li>
      ))}
      {error !== undefined && (
        <li class="quiet">The other documents are not known</li>
      )}
    </ul>
  );
}
