/**
 * The lines in which two texts differ, with some around them.
 *
 * @module
 */
import { createTwoFilesPatch } from "diff";
import { useMemo } from "preact/hooks";

export function TextDiff(
  { before, after }: { readonly before: string; readonly after: string },
) {
  const lines = useMemo(() => linesOf(before, after), [before, after]);
  return (
    <pre class="diff" tabindex={0} aria-label="Lines that differ">
      {lines.map((line, index) => (
        <span key={index} class={kindOf(line)}>{line + "\n"}</span>
      ))}
    </pre>
  );
}

/** The lines of a patch, without its head. */
function linesOf(before: string, after: string): readonly string[] {
  return createTwoFilesPatch("before", "after", before, after)
    .split("\n").slice(4).filter((line) => !line.startsWith("\\"));
}

function kindOf(line: string): string {
  return line.startsWith("+")
    ? "added"
    : line.startsWith("-")
    ? "removed"
    : line.startsWith("@@")
    ? "place"
    : "";
}
