/**
 * Resolves `secret://` references. `secret://NAME` and `secret://env/NAME` read
 * the environment; `secret://file/NAME` reads a file of the secrets folder.
 *
 * @module
 */

/** Where secrets are looked for. */
export interface SecretSources {
  readonly env: (name: string) => string | undefined;
  /** Reads a file of the secrets folder; `undefined` if there is none. */
  readonly file: (name: string) => Promise<string | undefined>;
}

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/**
 * The values of those references that have one. A name with a slash, or one
 * that leads out of its folder, has none.
 */
export async function resolveSecrets(
  references: Iterable<string>,
  sources: SecretSources,
): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  for (const reference of references) {
    const value = await resolve(reference.slice("secret://".length), sources);
    if (value !== undefined) values.set(reference, value);
  }
  return values;
}

function resolve(
  path: string,
  sources: SecretSources,
): Promise<string | undefined> | string | undefined {
  const [first = "", second, ...rest] = path.split("/");
  const name = second ?? first;
  if (rest.length > 0 || !NAME.test(name)) return undefined;
  if (second === undefined || first === "env") return sources.env(name);
  return first === "file" ? sources.file(name) : undefined;
}
