/**
 * A document of a thousand modules: the page holds what is in view of it, and all of
 * it can be reached.
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { LARGE_MODULES, largeDocument } from "../_large_document.ts";
import { browserTest, checkAccess, stageOfFile, until } from "./_browser.ts";

const stage = await stageOfFile(largeDocument());

/** More ties than these do not end in one view of cards as large as life. */
const TIES_MAX = 200;

browserTest(
  "of a thousand modules the page holds what is in view, and the map leads to the others",
  stage,
  async ({ page }) => {
    await page.goto("/d/shop");
    await page.locator("canvas.drawn").waitFor();
    await page.getByTitle("Zoom to 100 %").click();
    const cards = page.locator(".react-flow__node");
    await cards.first().waitFor();
    const ties = page.locator(".react-flow__edge");
    await until("there are ties", async () => await ties.count() > 0);
    const count = await ties.count();
    assert.ok(count < TIES_MAX, `${count} ties`);
    const seen = await namesIn(page);
    const labels = await ties.evaluateAll((ties) =>
      ties.map((tie) => tie.getAttribute("aria-label") ?? "")
    );
    for (const label of labels) {
      const [, from = "", to = ""] = / from (\S+) to (\S+)$/.exec(label) ?? [];
      assert.ok(seen.has(from) || seen.has(to), `${label} ends elsewhere`);
    }
    await page.getByRole("img", { name: `Map of ${modules} cards` })
      .click({ position: { x: 10, y: 42 } });
    await until("others are in view", async () => {
      const others = await namesIn(page);
      return others.size > 0 && others.isDisjointFrom(seen);
    });
    await checkAccess(page, "a thousand modules");
  },
);

browserTest(
  "of a thousand modules a card is found and dragged, and a tie chosen by its key",
  stage,
  async ({ page }) => {
    await page.goto("/d/shop?node=m8");
    const box = page.getByRole("textbox", { name: "Name", exact: true });
    await box.waitFor();
    const card = page.locator('.react-flow__node[data-id="m8"]');
    await page.getByLabel("Find").fill("m8");
    await page.keyboard.press("Enter");
    await card.waitFor();
    const before = await placeOf();
    await card.hover();
    await page.mouse.down();
    await page.mouse.move(700, 400, { steps: 5 });
    await page.mouse.up();
    await until("it is elsewhere", async () => await placeOf() !== before);
    await page.keyboard.press("Control+z");
    await until("it is back", async () => await placeOf() === before);
    const tie = page.locator('.react-flow__edge[aria-label*=" m8"]').first();
    await tie.focus();
    await page.keyboard.press("Enter");
    await page.locator(".inspector").getByText("dependsOn").first().waitFor();

    async function placeOf(): Promise<string | null> {
      return await card.evaluate((element) =>
        (element as unknown as HTMLElement).style.transform
      );
    }
  },
);

const modules = LARGE_MODULES.toLocaleString("en");

/** The names of the cards that are in the page. */
async function namesIn(page: Page): Promise<ReadonlySet<string>> {
  const names = await page.locator(".react-flow__node").evaluateAll((cards) =>
    cards.map((card) => card.getAttribute("data-id") ?? "")
  );
  return new Set(names);
}
