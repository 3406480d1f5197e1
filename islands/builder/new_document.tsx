/**
 * Asks for the name of a new document, and what it begins with.
 *
 * @module
 */
import type { Ref } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Dialog } from "../parts/dialog.tsx";
import { useDocuments } from "./context.ts";
import { createDocument, type Start, textOf } from "./create_document.ts";
import { nameFault, nameOfFile } from "./document_name.ts";
import { useDocumentRows } from "./document_rows.ts";

const STARTS: Readonly<Record<Start, string>> = {
  empty: "Nothing",
  example: "A working example",
  file: "A file",
};

/** What the field holds before somebody writes in it. */
const SUGGESTED: Readonly<Record<Start, string>> = {
  empty: "",
  example: "notes",
  file: "",
};

export function NewDocument({ start, onClose }: {
  /** What is chosen at first. */
  readonly start: Start;
  readonly onClose: () => void;
}) {
  const { form, set, fault, isBusy, create, field } = useForm(start, onClose);
  const id = useId();
  const needsFile = form.start === "file" && form.file === undefined;
  return (
    <Dialog
      title="New document"
      onClose={onClose}
      actions={
        <>
          <button type="button" class="button" onClick={onClose}>Cancel</button>
          <button
            type="submit"
            form={id}
            class="button primary"
            disabled={isBusy || needsFile}
          >
            Create
          </button>
        </>
      }
    >
      <form
        id={id}
        class="new-document"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!needsFile) void create();
        }}
      >
        <NameRow
          field={field}
          name={form.name}
          fault={fault}
          onName={(name) => set({ name })}
        />
        <Starts
          start={form.start}
          onStart={(start) => {
            const isOurs = form.name === SUGGESTED[form.start];
            set({ start, ...isOurs ? { name: SUGGESTED[start] } : {} });
          }}
        />
        {form.start === "file" && (
          <input
            type="file"
            accept=".yaml,.yml,.json"
            aria-label="File to begin with"
            onChange={({ currentTarget }) => {
              const [file] = currentTarget.files ?? [];
              const isOurs = file && form.name === "";
              set({ file, ...isOurs ? { name: nameOfFile(file.name) } : {} });
            }}
          />
        )}
      </form>
    </Dialog>
  );
}

interface Form {
  readonly start: Start;
  readonly name: string;
  readonly file?: File | undefined;
}

/** What was entered, what is wrong with the name, and what makes the document. */
function useForm(start: Start, onClose: () => void) {
  const [form, setForm] = useState<Form>({ start, name: SUGGESTED[start] });
  const [isAsked, setAsked] = useState(false);
  const [refusal, setRefusal] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const documents = useDocuments();
  const taken = useDocumentRows().value?.map(({ id }) => id) ?? [];
  const field = useRef<HTMLInputElement>(null);
  const { name } = form;
  const wrong = nameFault(name, taken);
  useEffect(() => field.current?.focus(), []);
  async function create(): Promise<void> {
    setAsked(true);
    if (wrong !== undefined) return field.current?.focus();
    setBusy(true);
    try {
      await createDocument(name, await textOf(form.start, form.file));
      onClose();
      documents.show(name);
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error));
      setBusy(false);
      field.current?.focus();
    }
  }
  return {
    ...{ form, isBusy, create, field },
    // Nothing is wrong yet with a name that nobody has begun.
    fault: refusal ?? (isAsked || name !== "" ? wrong : undefined),
    set: (change: Partial<Form>) => {
      setForm({ ...form, ...change });
      setRefusal(undefined);
    },
  };
}

function NameRow({ field, name, fault, onName }: {
  readonly field: Ref<HTMLInputElement>;
  readonly name: string;
  readonly fault: string | undefined;
  readonly onName: (name: string) => void;
}) {
  const id = useId();
  return (
    <div class="row">
      <label for={id}>Name</label>
      <input
        ref={field}
        id={id}
        class="field"
        value={name}
        placeholder="orders"
        autocomplete="off"
        spellcheck={false}
        aria-invalid={fault !== undefined}
        aria-describedby={`${id}-help`}
        onInput={({ currentTarget }) => onName(currentTarget.value)}
      />
      <p
        id={`${id}-help`}
        class={fault === undefined ? "help" : "hint"}
        aria-live="polite"
      >
        {fault ?? "Its file and its address are called after it."}
      </p>
    </div>
  );
}

function Starts({ start, onStart }: {
  readonly start: Start;
  readonly onStart: (start: Start) => void;
}) {
  const group = useId();
  return (
    <fieldset>
      <legend>Begins with</legend>
      {Object.entries(STARTS).map(([each, name]) => (
        <label key={each}>
          <input
            type="radio"
            name={group}
            checked={each === start}
            onChange={() => onStart(each as Start)}
          />
          {name}
        </label>
      ))}
    </fieldset>
  );
}
