/**
 * The labels under which brokers count what they do.
 *
 * @module
 */

/** The labels of one broker. */
export type Labels = ReturnType<typeof labelsOf>;

/** Made once, since a message needs two of them. */
export function labelsOf(module: string) {
  const label = (operation: string, status: string) =>
    Object.freeze({ module, operation, status });
  return {
    publish: {
      success: label("publish", "success"),
      failure: label("publish", "failure"),
    },
    deliver: {
      success: label("deliver", "success"),
      failure: label("deliver", "failure"),
    },
  };
}
