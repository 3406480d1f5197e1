/**
 * How tests of changes write them down.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Change, changeDocument, type ChangeOptions } from "./change.ts";
import { parse } from "./parse.ts";
import type { Path } from "./problem.ts";
import { applySplices } from "./splice.ts";

/** The text after changes. */
export function after(
  text: string,
  changes: Change | readonly Change[],
  options?: ChangeOptions,
): string {
  const { document, problems } = parse(text, "a.yaml");
  assert.ok(document, problems[0]?.message);
  const list = Array.isArray(changes) ? changes : [changes as Change];
  const changed = changeDocument(document, list, options);
  assert.ok(changed.shared === undefined, JSON.stringify(changed.shared));
  assert.equal(applySplices(text, changed.splices), changed.text);
  return changed.text;
}

export const set = (path: Path, value: unknown): Change => ({
  do: "set",
  path,
  value,
});
export const remove = (...path: Path): Change => ({ do: "remove", path });
export const insert = (path: Path, value: unknown, index?: number): Change => ({
  do: "insert",
  path,
  value,
  ...index === undefined ? {} : { index },
});
export const move = (path: Path, from: number, to: number): Change => ({
  do: "move",
  path,
  from,
  to,
});
