/**
 * Takes the values of secrets out of what leaves the engine: lines of the log,
 * events, problems.
 *
 * @module
 */

/** A shorter value would take ordinary words out of every line. */
export const SECRET_CHARACTERS_MIN = 4;

/** What stands where a secret stood. */
const HIDDEN = "***";

/** Hides secrets. The set may grow; what grows is hidden from then on. */
export class Redaction {
  readonly #secrets: ReadonlySet<string>;
  /** The longest first: one may be the beginning of another. */
  #texts: readonly string[] = [];
  #known = 0;

  constructor(secrets: ReadonlySet<string>) {
    this.#secrets = secrets;
  }

  /** Whether there is anything to hide. */
  get isEmpty(): boolean {
    return this.#secrets.size === 0;
  }

  /** A text without secrets. */
  text(text: string): string {
    let hidden = text;
    for (const secret of this.#sorted()) {
      hidden = hidden.replaceAll(secret, HIDDEN);
    }
    return hidden;
  }

  /** Plain data without secrets in its texts; the keys of maps stay. */
  value<T>(value: T): T {
    return this.isEmpty ? value : this.#hide(value) as T;
  }

  #hide(value: unknown): unknown {
    if (typeof value === "string") return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.#hide(item));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, this.#hide(item)]),
    );
  }

  #sorted(): readonly string[] {
    if (this.#known !== this.#secrets.size) {
      this.#known = this.#secrets.size;
      this.#texts = [...this.#secrets]
        .filter(({ length }) => length >= SECRET_CHARACTERS_MIN)
        .sort((a, b) => b.length - a.length);
    }
    return this.#texts;
  }
}
