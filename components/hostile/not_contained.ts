/**
 * The probes that are known to get further than they should, and why.
 *
 * @module
 */

/** Why a probe is not contained, by its name. */
export const NOT_CONTAINED: Readonly<Record<string, string>> = {};
