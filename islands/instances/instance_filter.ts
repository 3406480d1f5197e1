/**
 * Which instances the list shows, as its address says it.
 *
 * @module
 */

/** What is absent fits every instance. */
export interface InstanceFilter {
  readonly application?: string | undefined;
  readonly machine?: string | undefined;
  readonly definition?: string | undefined;
  readonly state?: string | undefined;
  readonly text?: string | undefined;
}

/** The names of the parts in an address, which are those of the API. */
const NAMES = {
  application: "application",
  machine: "machine",
  definition: "definition",
  state: "state",
  text: "q",
} as const;

const PARTS = Object.keys(NAMES) as (keyof InstanceFilter)[];

/** Reads an address. */
export function filterOf(search: string): InstanceFilter {
  const query = new URLSearchParams(search);
  return Object.fromEntries(
    PARTS.map((part) => [part, query.get(NAMES[part]) || undefined]),
  );
}

/** What the address says, and what the API is asked. */
export function queryOf(
  filter: InstanceFilter,
  more: Readonly<Record<string, string | undefined>> = {},
): string {
  const query = new URLSearchParams();
  for (const part of PARTS) {
    const value = filter[part];
    if (value) query.set(NAMES[part], value);
  }
  for (const [name, value] of Object.entries(more)) {
    if (value !== undefined) query.set(name, value);
  }
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

/** Whether any instance is left out. */
export function isNarrow(filter: InstanceFilter): boolean {
  return queryOf(filter) !== "";
}
