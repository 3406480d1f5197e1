/**
 * What a component may do, as sentences with what is known of their use.
 *
 * @module
 */
import type { Component, Counted, Grants, Manifest } from "./component.ts";

/** One thing that it may do. */
export interface Granted {
  /** "May reach". */
  readonly verb: string;
  /** The host, path or name. */
  readonly what: string;
  /** How often that was, or why nobody knows. */
  readonly evidence: string;
  readonly isUsed: boolean;
}

/** One thing that it asked for in vain. */
export interface Refused {
  readonly verb: string;
  readonly what: string;
  readonly times: number;
  /** The line that would grant it, with what is granted already. */
  readonly line: string;
}

const VERBS: Readonly<Record<string, string>> = {
  net: "May reach",
  read: "May read",
  write: "May write",
  env: "May see the variable",
};

const REFUSED_VERBS: Readonly<Record<string, string>> = {
  net: "Wanted to reach",
  read: "Wanted to read",
  write: "Wanted to write",
  env: "Wanted to see the variable",
};

/** Everything that it may do. */
export function grantedOf(
  { permissions, used }: Pick<Component, "permissions" | "used">,
  { env, secrets, requires }: Pick<Manifest, "env" | "secrets" | "requires">,
): readonly Granted[] {
  const listed = Object.entries(permissions).flatMap(([capability, names]) =>
    names.map((what) => ({
      ...{ verb: VERBS[capability] ?? capability, what },
      ...capability === "env"
        ? { evidence: "Whether it looks is not counted.", isUsed: true }
        : evidenceOf(timesOf(used[capability] ?? {}, what)),
    }))
  );
  return [
    ...listed,
    ...env.map((what) => ({
      ...{ verb: "Is given the value", what, isUsed: true },
      evidence: "It stands in the document.",
    })),
    ...secrets.map((what) => ({
      ...{ verb: "May send the secret", what, isUsed: true },
      evidence: "It holds a placeholder; the value is put in on the way out.",
    })),
    ...Object.entries(requires).flatMap(([module, actions]) =>
      actions.map((action) => {
        const what = `${module}.${action}`;
        const verb = "May call";
        return { verb, what, ...evidenceOf(used.requires?.[what] ?? 0) };
      })
    ),
  ];
}

/** Everything that it asked for in vain, the most frequent first. */
export function refusedOf(
  { permissions, refused }: {
    readonly permissions: Grants;
    readonly refused: Counted;
  },
): readonly Refused[] {
  return Object.entries(refused).flatMap(([capability, names]) =>
    Object.entries(names).map(([what, times]) => ({
      ...{ verb: REFUSED_VERBS[capability] ?? capability, what, times },
      line: lineOf(capability, [...permissions[capability] ?? [], what]),
    }))
  ).sort((a, b) => b.times - a.times);
}

/** As a document writes it. */
function lineOf(capability: string, names: readonly string[]): string {
  const quoted = names.map((name) => JSON.stringify(name));
  return `${capability}: [${quoted.join(", ")}]`;
}

function evidenceOf(times: number): Pick<Granted, "evidence" | "isUsed"> {
  if (times === 0) {
    return { evidence: "Not used since it was started.", isUsed: false };
  }
  const often = times === 1 ? "once" : `${times.toLocaleString()} times`;
  return { evidence: `Used ${often} since it was started.`, isUsed: true };
}

function timesOf(
  used: Readonly<Record<string, number>>,
  grant: string,
): number {
  return Object.entries(used)
    .filter(([name]) => covers(grant, name))
    .reduce((sum, [, times]) => sum + times, 0);
}

/** Whether a grant is what something was used by. */
function covers(grant: string, name: string): boolean {
  const plain = grant.toLowerCase();
  if (plain.startsWith("*.")) return name.endsWith(plain.slice(1));
  return name === plain || plain === "." || plain === `${name}:443` ||
    plain === `${name}:80` || name.startsWith(`${plain}/`);
}
