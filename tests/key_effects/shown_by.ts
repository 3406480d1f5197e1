/**
 * Keys whose effect a test of the suite shows, since what is done with every type
 * does not: by type and key, the exact title of that test. Its file must speak of
 * the key. Prefer an example or a scene: those are tried, these are believed.
 *
 * @module
 */

/** The titles of tests, by key. */
export type ShownBy = Readonly<Record<string, string>>;

/** By kind and type, such as `module http.server`. */
export const SHOWN_BY: Readonly<Record<string, ShownBy>> = {};
