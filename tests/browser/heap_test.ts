/**
 * The memory of the page does not grow with what is done in it: what can be undone
 * is bounded, and nothing else is kept of what was.
 */
import assert from "node:assert/strict";
import type { CDPSession, Page } from "playwright-core";
import { LARGE_MODULES, largeDocument } from "../_large_document.ts";
import { browserTest, stageOfFile, until } from "./_browser.ts";

/** So many until all that may be undone is kept: 32 million characters of text. */
const FULL_AFTER = 500;

const EDITS = 2_000;

/** What may come and go, in bytes: a quarter of what the page begins with. */
const LEEWAY = 4_000_000;

const stage = await stageOfFile(largeDocument());

browserTest(
  `the heap is flat after ${EDITS} edits among ${LARGE_MODULES} modules`,
  stage,
  async ({ page, context }) => {
    await page.goto("/d/shop?node=m8");
    await page.getByLabel("Requests per minute").waitFor();
    await page.locator("canvas.drawn").waitFor();
    const session = await context.newCDPSession(page);
    await edit(page, { from: 0, to: FULL_AFTER });
    const full = await heapOf(session);
    await edit(page, { from: FULL_AFTER, to: EDITS });
    const after = await heapOf(session);
    const grown = after - full;
    assert.ok(
      grown < LEEWAY,
      `The heap had ${full} bytes, and ${grown} more after ${EDITS} edits`,
    );
    // They were edits: the last of them stand in the text.
    await until("the text has them", async () => {
      const draft = await page.evaluate(() =>
        sessionStorage.getItem("draft shop")
      );
      return draft?.includes(`requestsPerMinute: ${EDITS - 1 + FIRST}`) ??
        false;
    });
  },
);

/** The first number that is written: none that the field has. */
const FIRST = 5_000;

/** Writes into two fields in turn, so that each edit is a step of its own. */
async function edit(
  page: Page,
  range: { readonly from: number; readonly to: number },
): Promise<void> {
  await page.evaluate(async ({ from, to, first }) => {
    const inputs = document.querySelectorAll<HTMLInputElement>(
      ".inspector input",
    );
    const named = (name: string) =>
      [...inputs].find(({ labels }) =>
        labels?.[0]?.textContent?.startsWith(name)
      );
    const fields = [named("Burst size"), named("Requests per minute")];
    for (let i = from; i < to; i++) {
      const field = fields[i % 2];
      if (!field) throw new Error("The panel has not got the fields");
      field.value = String(first + i);
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
      await new Promise(requestAnimationFrame);
    }
  }, { ...range, first: FIRST });
}

/** What the page holds when nothing is left to be collected, in bytes. */
async function heapOf(session: CDPSession): Promise<number> {
  // What ends in one collection may be held until the next.
  for (let i = 0; i < 3; i++) {
    await session.send("HeapProfiler.collectGarbage");
  }
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  return usedSize;
}
