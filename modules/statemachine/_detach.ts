/**
 * Copies what a caller hands over, since an instance that is remembered must not
 * change when the caller's own objects do.
 *
 * @module
 */
import type { MachineData } from "@engine/services/state_machines.ts";

/** The data itself, where it holds nothing that could change; else a copy. */
export function detach(data: MachineData): MachineData {
  for (const name in data) {
    if (Object.hasOwn(data, name) && isComposite(data[name])) {
      return copyOf(data) as MachineData;
    }
  }
  return data;
}

/** What is neither a list nor a map stays: the store says what is wrong with it. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isComposite(value)) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  const copy: Record<string, unknown> = { ...value };
  for (const name of Object.keys(copy)) copy[name] = copyOf(copy[name]);
  return copy;
}

function isComposite(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
