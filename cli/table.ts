/**
 * Lines up columns for a terminal.
 *
 * @module
 */

/** A head and rows as lines; numbers stand to the right of their column. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string[] {
  const widths = head.map((title, column) =>
    Math.max(
      title.length,
      ...rows.map((row) => String(row[column] ?? "").length),
    )
  );
  const line = (cells: readonly (string | number)[]) =>
    widths.map((width, column) => {
      const cell = cells[column] ?? "";
      const isNumber = typeof (rows[0]?.[column]) === "number";
      return isNumber
        ? String(cell).padStart(width)
        : String(cell).padEnd(width);
    }).join("  ").trimEnd();
  return [line(head), ...rows.map(line)];
}
