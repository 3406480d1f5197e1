/**
 * The parts of pages that do something, by name.
 *
 * @module
 */

/** Each is loaded when a page has it. Its default export is the component. */
export const ISLANDS = {
  account: () => import("./account.tsx"),
  builder: () => import("./builder/builder.tsx"),
};

/** What a page may name. */
export type IslandName = keyof typeof ISLANDS;

/** What an island is given: JSON. */
export type IslandProps<N extends IslandName> = Parameters<
  Awaited<ReturnType<(typeof ISLANDS)[N]>>["default"]
>[0];
