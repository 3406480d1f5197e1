/**
 * Dead letters as the engine tells of them.
 *
 * @module
 */

/** A dead letter. */
export interface DeadLetter {
  readonly id: string;
  readonly application: string;
  /** `queue:…`, `webhook:…`, `event:…`, `link:…`. */
  readonly source: string;
  readonly payload: unknown;
  readonly error: string;
  readonly attempts: number;
  /** In milliseconds since 1970. */
  readonly firstAt: number;
  readonly lastAt: number;
}

/** A page of them, the oldest first. */
export interface LetterPage {
  readonly letters: readonly DeadLetter[];
  readonly next?: string;
}

/** Who gave up, and how often. */
export interface Source {
  readonly application: string;
  readonly source: string;
  readonly count: number;
}

/** All sources. */
export interface Sources {
  readonly sources: readonly Source[];
  /** Whether every letter was counted. */
  readonly complete: boolean;
}

const KINDS: Readonly<Record<string, string>> = {
  queue: "Queue",
  webhook: "Webhook",
  event: "Event",
  link: "Link",
};

/** A source in words: its kind and its name. */
export function sourceWords(source: string): readonly [string, string] {
  const colon = source.indexOf(":");
  const kind = source.slice(0, colon);
  return [KINDS[kind] ?? kind, source.slice(colon + 1)];
}

/** The path of one letter. @param verb What to do with it. */
export function letterPath(
  { id, application }: Pick<DeadLetter, "id" | "application">,
  verb = "",
): string {
  const search = new URLSearchParams({ application });
  return `/api/dead-letters/${encodeURIComponent(id)}${verb}?${search}`;
}

/** The path of all letters of a source. */
export function sourcePath(
  { application, source }: Pick<Source, "application" | "source">,
  verb = "",
): string {
  return `/api/dead-letters${verb}?${new URLSearchParams({
    application,
    source,
  })}`;
}
