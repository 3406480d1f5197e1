/**
 * What every store and every wrapper of a store must do, as tests. A backend is
 * done when `testStore` passes for it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { commitFacts } from "./contract_commits.ts";
import { expiryFacts } from "./contract_expiry.ts";
import type { Opened } from "./contract_fact.ts";
import { exactLimitFacts, limitFacts } from "./contract_limits.ts";
import { listFacts } from "./contract_lists.ts";
import { modelFacts } from "./contract_model.ts";
import { valueFacts } from "./contract_values.ts";
import { watchFacts } from "./contract_watches.ts";

/** Opens an empty store. */
export type Open = () => Opened | Promise<Opened>;

/** What a kind of store can do beyond the contract. */
export interface TestOptions {
  /** Whether what it opens has `advance`. @default {false} */
  readonly hasClock?: boolean;
  /** Whether it counts the bytes of a commit by the keys of its callers. @default {true} */
  readonly isExact?: boolean;
}

/** Defines the tests for one kind of store. */
export function testStore(
  name: string,
  open: Open,
  options: TestOptions = {},
): void {
  const facts = [
    valueFacts,
    commitFacts,
    listFacts,
    watchFacts,
    limitFacts,
    modelFacts,
    options.isExact ?? true ? exactLimitFacts : [],
    options.hasClock ? expiryFacts : [],
  ].flat();
  for (const { text, check } of facts) {
    Deno.test(`${name} ${text}`, async () => {
      const opened = await open();
      assert.equal(opened.advance !== undefined, options.hasClock ?? false);
      try {
        await check(opened.store, opened);
      } finally {
        await opened.store.close();
        await opened.dispose?.();
      }
    });
  }
}
