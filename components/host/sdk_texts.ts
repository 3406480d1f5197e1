/**
 * The text of the types that an author of components imports, for the compiler.
 * These files take types from each other only; a test sees to it.
 *
 * @module
 */
import contract from "../../engine/component_contract.ts" with { type: "text" };
import store from "../../engine/store/store.ts" with { type: "text" };
import sdk from "../sdk.ts" with { type: "text" };

/** The file that components import. */
export const SDK_ENTRY = "/components/sdk.ts";

/** The texts by path, from the root of the project. */
export const SDK: ReadonlyMap<string, string> = new Map([
  [SDK_ENTRY, sdk],
  ["/engine/component_contract.ts", contract],
  ["/engine/store/store.ts", store],
]);
