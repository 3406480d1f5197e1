/**
 * A secret: what is set is not shown, and can be replaced. References to where a
 * secret is kept are none themselves.
 *
 * @module
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../icons.tsx";
import { common, type ControlProps, placeholderOf, plain } from "./control.tsx";

export function SecretInput(props: ControlProps) {
  const { field, value, set, id, describedBy } = props;
  const text = value === undefined ? "" : plain(value);
  const isReference = /^(secret:\/\/|\$\{)/.test(text);
  const [isOpen, setOpen] = useState(text === "");
  // What was typed is seen as long as the field is not left.
  const [draft, setDraft] = useState("");
  const [isReplaced, setReplaced] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isReplaced) input.current?.focus();
  }, [isReplaced]);
  if (text !== "" && !isReference && !isOpen) {
    return (
      <span class="unit secret-set">
        <Icon name="lock" size={14} />
        <span>It is set</span>
        <button
          type="button"
          id={id}
          class="link"
          aria-describedby={describedBy}
          aria-label={`Replace ${field.label}`}
          onClick={() => {
            setDraft("");
            setOpen(true);
            setReplaced(true);
          }}
        >
          Replace
        </button>
      </span>
    );
  }
  return (
    <input
      {...common(props)}
      ref={input}
      class={isReference ? "field mono" : "field mono masked"}
      autocomplete="off"
      spellcheck={false}
      value={isReference ? text : draft}
      placeholder={placeholderOf(field) || "secret://name"}
      onInput={({ currentTarget: { value: next } }) => {
        setDraft(next);
        set(next || undefined);
      }}
      onBlur={() => {
        setOpen(text === "");
        setReplaced(false);
      }}
    />
  );
}
