/**
 * Which backends of `http.proxy` a path belongs to. Pure.
 *
 * @module
 */

/** What of a proxy's config decides it. */
export interface ChoiceConfig {
  readonly backend_services: Readonly<Record<string, string>>;
  readonly default_backend?: string | undefined;
  readonly routes: Readonly<Record<string, string>>;
  readonly composite_routes: Readonly<
    Record<string, {
      readonly pattern?: string | undefined;
      readonly backends: readonly string[];
      readonly strategy: Strategy;
    }>
  >;
}

/** How one of several backends is taken. */
export type Strategy = "select" | "first";

/** The backends for a path, in order of preference. */
export interface Choice {
  readonly backends: readonly string[];
  readonly strategy: Strategy;
}

/**
 * Chooses by the longest pattern, then by the first word behind `/api/` where a
 * backend has this name, then takes the default.
 */
export function backendChoice(
  config: ChoiceConfig,
): (path: string) => Choice | undefined {
  const stated = new PatternMap<Choice>([
    ...Object.entries(config.composite_routes)
      .map(([name, { pattern, backends, strategy }]) =>
        [pattern ?? name, { backends, strategy }] as const
      ),
    ...Object.entries(config.routes)
      .map(([pattern, backend]) => [pattern, only(backend)] as const),
  ]);
  const named = new Map(
    Object.keys(config.backend_services).map((id) => [id, only(id)]),
  );
  const rest = config.default_backend === undefined
    ? undefined
    : only(config.default_backend);
  return (path) =>
    stated.get(path) ?? named.get(firstApiWord(path) ?? "") ?? rest;
}

function only(backend: string): Choice {
  return { backends: [backend], strategy: "select" };
}

function firstApiWord(path: string): string | undefined {
  return /^\/api\/([^/]+)/.exec(path)?.[1];
}

/** Whether a text is a pattern: literal words, and at most `/*` at its end. */
export function isPattern(text: string): boolean {
  return /^\/[^*{}?#\s]*\*?$/.test(text) &&
    (!text.endsWith("*") || text.endsWith("/*"));
}

/** The path that a pattern stands for with all below it; empty for everything. */
export function prefixOf(pattern: string): string {
  const path = pattern.endsWith("/*") ? pattern.slice(0, -1) : pattern;
  return path.endsWith("/") ? path.slice(0, -1) : path;
}

/** Values by pattern; the longest pattern that covers a path wins. */
export class PatternMap<T> {
  readonly #entries: readonly { readonly prefix: string; readonly value: T }[];

  /** Of two equal patterns the first counts. */
  constructor(entries: Iterable<readonly [pattern: string, value: T]>) {
    this.#entries = [...entries]
      .map(([pattern, value]) => ({ prefix: prefixOf(pattern), value }))
      .toSorted((a, b) => b.prefix.length - a.prefix.length);
  }

  get(path: string): T | undefined {
    return this.#entries.find(({ prefix }) =>
      path === prefix || path.startsWith(`${prefix}/`)
    )?.value;
  }
}
