/**
 * What a module is granted, as sentences that can be compared.
 *
 * @module
 */

/** One sentence a grant. */
export function grantsIn(
  { name, config }: {
    readonly name: string;
    readonly config: Readonly<Record<string, unknown>>;
  },
): readonly string[] {
  const { permissions, isolation } = config;
  if (isolation === "none") return [`${name}: everything`];
  if (permissions === null || typeof permissions !== "object") return [];
  return Object.entries(permissions as Record<string, unknown>)
    .flatMap(([capability, names]) =>
      Array.isArray(names)
        ? names.map((what) => `${name}: ${capability} ${what}`)
        : []
    );
}
