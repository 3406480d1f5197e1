/**
 * A service is a capability that one module provides and others use. The token
 * names it in definitions; the type parameter is the interface behind it.
 *
 * @module
 */

/** Names a capability. `T` is what the providing module's instance implements. */
export interface Service<T> {
  /** The token's name as plans, schemas and problems print it. */
  readonly id: string;
  /** What a module of this kind can do, in a few words for a person. */
  readonly summary: string;
  /** Carries the interface for inference only; never present at run time. */
  readonly interface?: T;
}

/** Defines a token. One file in `engine/services/` holds one token. */
export function defineService<T>(id: string, summary: string): Service<T> {
  return { id, summary };
}

/** The interface behind a token. */
export type Implementation<S> = S extends Service<infer T> ? T : never;

/** The name of a module that provides `T`, as a document writes it. */
export type Ref<T> = string & { readonly service?: T };
