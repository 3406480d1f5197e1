/**
 * A value as JSON: folded where it is deep, cut where it is long, and copied with
 * one click.
 *
 * @module
 */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Icon } from "../icons.tsx";

/** Characters of a text that are shown before it is cut. */
const TEXT_MAX = 160;

/** Members of a list or map that are shown before it is cut. */
const MEMBERS_MAX = 50;

/** How deep a value is unfolded at first, in levels. */
const DEPTH_OPEN = 2;

/** Shows a value. @param name What it is, for those who copy it. */
export function JsonView(
  { value, name }: { readonly value: unknown; readonly name: string },
): JSX.Element {
  return (
    <div class="json">
      <Copy value={value} name={name} />
      <Value value={value} depth={0} />
    </div>
  );
}

function Copy(
  { value, name }: { readonly value: unknown; readonly name: string },
): JSX.Element {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(JSON.stringify(value, null, 2));
    setCopied(true);
  };
  return (
    <button
      type="button"
      class="button small json-copy"
      aria-label={`Copy ${name}`}
      onClick={copy}
      onBlur={() => setCopied(false)}
    >
      {isCopied ? "Copied" : "Copy"}
    </button>
  );
}

function Value(
  { value, depth }: { readonly value: unknown; readonly depth: number },
): JSX.Element {
  if (typeof value === "string") return <Text text={value} />;
  if (value === null || typeof value !== "object") {
    return <span class="json-plain">{JSON.stringify(value) ?? "null"}</span>;
  }
  return <Members value={value} depth={depth} />;
}

function Text({ text }: { readonly text: string }): JSX.Element {
  const [isWhole, setWhole] = useState(false);
  const isCut = text.length > TEXT_MAX && !isWhole;
  return (
    <span class="json-text">
      {JSON.stringify(isCut ? text.slice(0, TEXT_MAX) : text)}
      {isCut && (
        <button
          type="button"
          class="json-more"
          onClick={() => setWhole(true)}
        >
          Show all {text.length.toLocaleString()} characters
        </button>
      )}
    </span>
  );
}

function Members(
  { value, depth }: { readonly value: object; readonly depth: number },
): JSX.Element {
  const [isOpen, setOpen] = useState(depth < DEPTH_OPEN);
  const [shown, setShown] = useState(MEMBERS_MAX);
  const isList = Array.isArray(value);
  const members = Object.entries(value);
  const [begin, end] = isList ? ["[", "]"] : ["{", "}"];
  if (members.length === 0) return <span>{begin}{end}</span>;
  const left = members.length - shown;
  const count = isList
    ? `${members.length} items`
    : `${members.length} ${members.length === 1 ? "field" : "fields"}`;
  return (
    <>
      <button
        type="button"
        class="json-fold"
        aria-expanded={isOpen}
        aria-label={isOpen ? `Fold ${count}` : `Unfold ${count}`}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name={isOpen ? "down" : "right"} size={12} />
        {isOpen ? begin : `${begin} ${count} ${end}`}
      </button>
      {isOpen && (
        <>
          <ul>
            {members.slice(0, shown).map(([key, member]) => (
              <li key={key}>
                {!isList && <span class="json-key">{`${key}: `}</span>}
                <Value value={member} depth={depth + 1} />
              </li>
            ))}
            {left > 0 && (
              <li>
                <button
                  type="button"
                  class="json-more"
                  onClick={() => setShown(shown + 10 * MEMBERS_MAX)}
                >
                  Show more: {left.toLocaleString()} are left
                </button>
              </li>
            )}
          </ul>
          {end}
        </>
      )}
    </>
  );
}
