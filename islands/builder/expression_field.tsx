/**
 * A text with expressions in it, or one that is an expression.
 *
 * @module
 */
import { useRef } from "preact/hooks";
import { useCompletion } from "./completion.tsx";
import { common, type ControlProps, placeholderOf, plain } from "./control.tsx";

export function ExpressionField(
  { isBare, ...props }: ControlProps & { readonly isBare: boolean },
) {
  const { field, value, set, over } = props;
  const element = useRef<HTMLTextAreaElement>(null);
  const mayBeNumber = field.type === "number" ||
    (field.variants?.some(({ type }) => type === "number") ?? false);
  function write(text: string): void {
    const isNumber = mayBeNumber && /^-?\d+(\.\d+)?$/.test(text.trim());
    set(text === "" ? undefined : isNumber ? Number(text) : text);
  }
  const { props: offered, isOpen, look, list } = useCompletion({
    ...{ field: element, over, isBare, onText: write },
  });
  return (
    <div class="expression">
      <textarea
        {...common(props)}
        {...offered}
        ref={element}
        class="field mono"
        rows={1}
        spellcheck={false}
        autocomplete="off"
        value={value === undefined ? "" : plain(value)}
        placeholder={placeholderOf(field)}
        onInput={({ currentTarget }) => {
          write(currentTarget.value);
          look();
        }}
        onKeyDown={(event) => {
          offered.onKeyDown(event);
          const isLine = event.key === "Enter" && !event.shiftKey && !isOpen;
          // One line is the rule; Shift makes another.
          if (isLine) event.preventDefault();
        }}
      />
      {list}
    </div>
  );
}
