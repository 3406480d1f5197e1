/**
 * A component as the engine tells of it.
 *
 * @module
 */

/** Names by capability: `net`, `read`, `write`, `env`. */
export type Grants = Readonly<Record<string, readonly string[]>>;

/** How often, by capability and name. */
export type Counted = Readonly<
  Record<string, Readonly<Record<string, number>>>
>;

/** A component with what it has done. */
export interface Component {
  readonly id: string;
  readonly application: string;
  readonly status: string;
  readonly file?: string;
  readonly error?: string;
  readonly isOverridden: boolean;
  readonly loaded_at?: string;
  readonly isolation: "none" | "shared" | "process";
  readonly hash?: string;
  readonly permissions: Grants;
  readonly calls: number;
  readonly failures: number;
  readonly kills: number;
  readonly swaps: number;
  readonly used: Counted;
  readonly refused: Counted;
  /** The number of what runs. */
  readonly version: number | null;
  /** Whether it was sent, rather than stands in the document. */
  readonly added: boolean;
}

/** The same with its code. */
export interface WholeComponent extends Component {
  readonly source?: string;
}

/** A field of what it takes and gives. */
export interface ContractField {
  readonly type: string;
  readonly description?: string;
  readonly default?: unknown;
}

/** What it may do, and how much. */
export interface Manifest {
  readonly permissions: Grants;
  readonly env: readonly string[];
  readonly secrets: readonly string[];
  readonly requires: Grants;
  readonly isolation: string;
  readonly limits: Readonly<Record<string, number>>;
  readonly contract?: {
    readonly requiredInputs: Readonly<Record<string, ContractField>>;
    readonly optionalInputs: Readonly<Record<string, ContractField>>;
    readonly outputs: Readonly<Record<string, ContractField>>;
  };
}

/** A source that has run. */
export interface Version {
  readonly version: number;
  readonly hash: string;
  readonly at: string;
  readonly characters: number;
}

/** Which component of which document. */
export type Named = Pick<Component, "id" | "application">;

/** Where the API has it. @param what A part of it, such as `versions`. */
export function apiOf({ id, application }: Named, what = ""): string {
  const path = `/api/dynamic/components/${encodeURIComponent(id)}`;
  const search = new URLSearchParams({ application });
  return `${path}${what === "" ? "" : `/${what}`}?${search}`;
}

/** Its page. */
export function pageOf({ id, application }: Named): string {
  const search = new URLSearchParams({ application });
  return `/components/${encodeURIComponent(id)}?${search}`;
}

/** How often something was refused. */
export function refusals({ refused }: Pick<Component, "refused">): number {
  return Object.values(refused)
    .flatMap((names) => Object.values(names))
    .reduce((sum, times) => sum + times, 0);
}

/** The permissions in a few words: `2 hosts, 1 file`. */
export function grantWords(
  { isolation, permissions }: Pick<Component, "isolation" | "permissions">,
): string {
  if (isolation === "none") return "Everything";
  const { net = [], read = [], write = [], env = [] } = permissions;
  const parts = [
    ...words(net.length, "host", "hosts"),
    ...words(read.length, "path to read", "paths to read"),
    ...words(write.length, "path to write", "paths to write"),
    ...words(env.length, "variable", "variables"),
  ];
  return parts.length === 0 ? "Nothing" : parts.join(", ");
}

function words(count: number, one: string, many: string): readonly string[] {
  return count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];
}

/** How it is kept apart from the rest. */
export const ISOLATIONS: Readonly<Record<Component["isolation"], string>> = {
  none: "No sandbox",
  shared: "Shared host",
  process: "Own host",
};
