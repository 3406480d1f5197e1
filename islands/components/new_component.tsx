/**
 * Sends a new component: its name, its code, and what it may use.
 *
 * @module
 */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask } from "../api.ts";
import { useResource } from "../parts/resource.ts";
import type { Component } from "./component.ts";
import { CodeField } from "./code_field.tsx";
import { type Fault, faultsOf } from "./faults.ts";
import { FormDialog } from "../parts/form_dialog.tsx";

const FIRST = `export const contract = {
  requiredInputs: { name: "string" },
  outputs: { greeting: "string" },
};

export function execute({ name }: { readonly name: string }) {
  return { greeting: \`Hello, \${name}\` };
}
`;

/** What may be granted, and how one is written. */
const CAPABILITIES = [
  {
    id: "net",
    label: "Hosts it may reach",
    example: "api.example.com, *.example.org",
  },
  { id: "read", label: "Paths it may read", example: "data/prices.json" },
  { id: "write", label: "Paths it may write", example: "data/out" },
  { id: "env", label: "Variables it may see", example: "REGION" },
] as const;

type Texts = Readonly<Record<string, string>>;

/** What stands in the fields. */
interface Draft {
  /** Empty: the first one. */
  readonly document: string;
  readonly id: string;
  readonly source: string;
  readonly isolation: string;
  /** Comma-separated, by capability. */
  readonly grants: Texts;
}

const NOTHING: Draft = {
  ...{ document: "", id: "", source: FIRST, isolation: "process", grants: {} },
};

/** What was written and not sent: closing the dialog does not lose it. */
let kept = NOTHING;

/** What is made of a comma-separated text. */
export function listOf(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((item) => item !== "");
}

/** A dialog with the form. */
export function NewComponent(
  { onClose, onSent }: {
    readonly onClose: () => void;
    readonly onSent: (sent: Component) => void;
  },
): JSX.Element {
  const status = useResource<
    { readonly applications: readonly { readonly id: string }[] }
  >("/api/workflow/status");
  const documents = status.value?.applications.map(({ id }) => id) ?? [];
  const [draft, setDraft] = useState(kept);
  const change = (part: Partial<Draft>) =>
    setDraft(kept = { ...kept, ...part });
  const [initial] = useState(draft.source);
  const [faults, setFaults] = useState<readonly Fault[]>([]);
  const send = async () => {
    setFaults([]);
    try {
      const sent = await sendDraft(draft, draft.document || documents[0] || "");
      kept = NOTHING;
      onSent(sent);
    } catch (error) {
      setFaults(faultsOf(error));
      throw error;
    }
  };
  return (
    <FormDialog
      title="New component"
      verb="Send"
      isWide
      onDo={send}
      onClose={onClose}
    >
      <Place draft={draft} change={change} documents={documents} />
      <CodeField
        label="Code of the new component"
        initial={initial}
        onInput={(source) => change({ source })}
        faults={faults}
      />
      <Permissions
        grants={draft.grants}
        onInput={(grants) => change({ grants })}
      />
    </FormDialog>
  );
}

async function sendDraft(
  { id, source, isolation, grants }: Draft,
  application: string,
): Promise<Component> {
  const permissions = Object.fromEntries(
    Object.entries(grants).map(([name, text]) => [name, listOf(text)]),
  );
  const search = new URLSearchParams({ application });
  return await ask<Component>(`/api/dynamic/components?${search}`, {
    method: "POST",
    body: { id: id.trim(), source, isolation, permissions },
  });
}

/** What it is called and where it runs. */
function Place(
  { draft: { id, document, isolation }, change, documents }: {
    readonly draft: Draft;
    readonly change: (part: Partial<Draft>) => void;
    readonly documents: readonly string[];
  },
): JSX.Element {
  return (
    <div class="form-fields">
      <label>
        Name
        <input
          class="field mono"
          required
          maxLength={128}
          pattern="[A-Za-z0-9][A-Za-z0-9._\-]*"
          title="Letters, digits, dots, dashes and underscores"
          placeholder="risk-tagger"
          value={id}
          onInput={({ currentTarget }) => change({ id: currentTarget.value })}
        />
      </label>
      {documents.length > 1 && (
        <label>
          Document
          <select
            class="field"
            value={document || documents[0]}
            onChange={({ currentTarget }) =>
              change({ document: currentTarget.value })}
          >
            {documents.map((one) => <option key={one}>{one}</option>)}
          </select>
        </label>
      )}
      <label>
        Runs in
        <select
          class="field"
          value={isolation}
          onChange={({ currentTarget }) =>
            change({ isolation: currentTarget.value })}
        >
          <option value="process">a host of its own</option>
          <option value="shared">a host that others share</option>
        </select>
      </label>
    </div>
  );
}

function Permissions(
  { grants, onInput }: {
    readonly grants: Texts;
    readonly onInput: (grants: Texts) => void;
  },
): JSX.Element {
  return (
    <fieldset class="may-fields">
      <legend>
        Permissions
        <em>Without any, it reaches nothing outside of its sandbox.</em>
      </legend>
      <div class="form-fields">
        {CAPABILITIES.map(({ id, label, example }) => (
          <label key={id}>
            {label}
            <input
              class="field mono"
              placeholder={example}
              value={grants[id] ?? ""}
              onInput={({ currentTarget }) =>
                onInput({ ...grants, [id]: currentTarget.value })}
            />
          </label>
        ))}
      </div>
    </fieldset>
  );
}
