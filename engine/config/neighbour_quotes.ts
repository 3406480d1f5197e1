/**
 * The quotes in which the texts of a list are written.
 *
 * @module
 */
import { isScalar, type YAMLSeq } from "yaml";
import type { ScalarType } from "./print_value.ts";

/** The quotes of all texts in a list, if they agree. */
export function neighbourQuotes(list: YAMLSeq): ScalarType {
  const types = new Set(
    list.items.filter((item) =>
      isScalar(item) && typeof item.value === "string"
    )
      .map((item) => isScalar(item) ? item.type : undefined),
  );
  return types.size === 1 ? [...types][0] : undefined;
}
