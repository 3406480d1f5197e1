/**
 * What every store and every wrapper of a store must do, as tests. A backend is
 * done when `testStore` passes for it.
 *
 * @module
 */
import { commitFacts } from "./contract_commits.ts";
import type { Opened } from "./contract_fact.ts";
import { limitFacts } from "./contract_limits.ts";
import { listFacts } from "./contract_lists.ts";
import { modelFacts } from "./contract_model.ts";
import { valueFacts } from "./contract_values.ts";
import { watchFacts } from "./contract_watches.ts";

/** Opens an empty store. */
export type Open = () => Opened | Promise<Opened>;

/** Defines the tests for one kind of store. */
export function testStore(name: string, open: Open): void {
  const facts = [
    valueFacts,
    commitFacts,
    listFacts,
    watchFacts,
    limitFacts,
    modelFacts,
  ].flat();
  for (const { text, check } of facts) {
    Deno.test(`${name} ${text}`, async () => {
      const opened = await open();
      try {
        await check(opened.store, opened);
      } finally {
        await opened.store.close();
        await opened.dispose?.();
      }
    });
  }
}
