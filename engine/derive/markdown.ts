/**
 * The few pieces of Markdown that the pages are made of.
 *
 * @module
 */

/** A block of code that nothing in the code can end. */
export function fence(language: string, code: string): string {
  const longest = Math.max(
    0,
    ...[...code.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length),
  );
  const ticks = "`".repeat(Math.max(3, longest + 1));
  return `${ticks}${language}\n${code.replace(/\n*$/, "")}\n${ticks}`;
}

/** A table; nothing if it has no rows. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  if (rows.length === 0) return "";
  const line = (cells: readonly string[]) =>
    `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join(
    "\n",
  );
}

/** Code within a line. */
export function code(text: string): string {
  if (text === "") return "";
  const ticks = text.includes("`") ? "``" : "`";
  const space = ticks === "``" ? " " : "";
  return `${ticks}${space}${text}${space}${ticks}`;
}

/** Paragraphs, tables and blocks with an empty line between; empty ones fall out. */
export function page(...parts: readonly string[]): string {
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replace(/\s*\n\s*/g, " ").trim();
}
