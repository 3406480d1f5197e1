/**
 * The error of a store that is elsewhere and could not be asked.
 *
 * @module
 */

/** How an `UnreachableError` came about. */
export interface UnreachableOptions extends ErrorOptions {
  /** See `UnreachableError.mayBeCommitted`. @default {false} */
  readonly mayBeCommitted?: boolean;
}

/** The connection to the store is lost. Says nothing about what was asked. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
  /**
   * A commit was sent and its answer lost: all of it is durable, or nothing. Only a
   * read can tell; committing again could do it twice, or conflict with itself.
   * False: nothing has happened.
   */
  readonly mayBeCommitted: boolean;

  constructor(message: string, options: UnreachableOptions = {}) {
    super(message, options);
    this.mayBeCommitted = options.mayBeCommitted ?? false;
  }
}
