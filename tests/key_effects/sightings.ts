/**
 * What was seen of an application, and in what two of them differ.
 *
 * @module
 */

/** Notes what is seen, by the place where it is seen. */
export class Sightings {
  readonly #seen = new Map<string, string[]>();

  /** Notes one thing. */
  saw(place: string, what: unknown): void {
    const text = typeof what === "string" ? what : JSON.stringify(what) ?? "";
    const known = this.#seen.get(place);
    if (known === undefined) this.#seen.set(place, [text]);
    else known.push(text);
  }

  /** What was seen, as one text a place. */
  texts(): ReadonlyMap<string, string> {
    return new Map(
      [...this.#seen].map(([place, texts]) => [place, texts.join("\n")]),
    );
  }
}

/** The places where two applications differ. */
export function differing(
  one: ReadonlyMap<string, string>,
  other: ReadonlyMap<string, string>,
): readonly string[] {
  return [...new Set([...one.keys(), ...other.keys()])]
    .filter((place) => one.get(place) !== other.get(place));
}
