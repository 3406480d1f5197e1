/**
 * Offers what fits in a text with expressions: a list below the field, gone
 * through with the arrow keys.
 *
 * @module
 */
import type { JSX, RefObject } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Suggestion } from "../../engine/expression/complete.ts";
import type { Over } from "./expression_over.ts";

/** The field, and what its text is. */
export interface CompletionOptions {
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly over: Over | undefined;
  readonly isBare: boolean;
  readonly onText: (text: string) => void;
}

/** What the field needs to offer something. */
export interface CompletionState {
  readonly props: {
    readonly "aria-autocomplete": "list";
    readonly "aria-haspopup": "listbox";
    readonly "aria-controls"?: string;
    readonly "aria-activedescendant"?: string;
    readonly onKeyDown: (event: KeyboardEvent) => void;
    readonly onBlur: () => void;
  };
  readonly isOpen: boolean;
  /** Looks again, after something was typed. */
  readonly look: () => void;
  readonly list: JSX.Element | null;
}

/** The state of a field that completes what is typed. */
export function useCompletion(
  { field, over, isBare, onText }: CompletionOptions,
): CompletionState {
  const id = useId();
  const [found, setFound] = useState<readonly Suggestion[]>([]);
  const [active, setActive] = useState(0);
  const isOpen = found.length > 0;
  function show(suggestions: readonly Suggestion[]): void {
    setFound(suggestions);
    setActive(0);
  }
  function look(): void {
    const element = field.current;
    if (element && over) show(suggestionsAt(element, over, isBare));
  }
  function accept(suggestion: Suggestion | undefined): void {
    const element = field.current;
    if (suggestion === undefined || element === null) return;
    const { from, text: inserted } = suggestion;
    const at = element.selectionStart;
    const text = element.value.slice(0, from) + inserted +
      element.value.slice(at);
    // The place of the cursor is kept where the value is set by hand.
    element.value = text;
    element.setSelectionRange(from + inserted.length, from + inserted.length);
    onText(text);
    show([]);
  }
  function press(event: KeyboardEvent): void {
    const { key, ctrlKey } = event;
    const isAsked = key === " " && ctrlKey;
    if (isAsked) look();
    else if (isOpen && key === "ArrowDown") {
      setActive((active + 1) % found.length);
    } else if (isOpen && key === "ArrowUp") {
      setActive((active + found.length - 1) % found.length);
    } else if (isOpen && (key === "Enter" || key === "Tab")) {
      accept(found[active]);
    } else if (isOpen && key === "Escape") show([]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  return {
    isOpen,
    look,
    props: {
      "aria-autocomplete": "list",
      "aria-haspopup": "listbox",
      ...isOpen && {
        "aria-controls": id,
        "aria-activedescendant": `${id}-${active}`,
      },
      onKeyDown: press,
      onBlur: () => show([]),
    },
    list: isOpen
      ? <Suggestions {...{ id, found, active }} onAccept={accept} />
      : null,
  };
}

function suggestionsAt(
  { value, selectionStart: at }: HTMLTextAreaElement,
  { tools, variables, sample }: Over,
  isBare: boolean,
): readonly Suggestion[] {
  const inside = tools.expressionStart(value, at);
  const start = inside ?? (isBare && !value.includes("${{") ? 0 : undefined);
  if (start === undefined) return [];
  const found = tools.completeExpression(value.slice(start), at - start, {
    variables,
    values: sample.values,
  });
  return found.map((one) => ({ ...one, from: one.from + start }));
}

function Suggestions(
  { id, found, active, onAccept }: {
    readonly id: string;
    readonly found: readonly Suggestion[];
    readonly active: number;
    readonly onAccept: (suggestion: Suggestion) => void;
  },
) {
  const shown = useRef<HTMLLIElement>(null);
  useLayoutEffect(() => {
    shown.current?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <ul class="suggestions" role="listbox" id={id} aria-label="What fits">
      {found.map((one, index) => (
        <li
          key={`${one.kind} ${one.label}`}
          id={`${id}-${index}`}
          ref={index === active ? shown : null}
          role="option"
          aria-selected={index === active}
          onMouseDown={(event) => {
            // The field keeps the focus.
            event.preventDefault();
            onAccept(one);
          }}
        >
          <code>{one.label}</code>
          <span>{one.detail}</span>
        </li>
      ))}
    </ul>
  );
}
