/**
 * Many edits by chance, in every way that the builder has, and all of them taken
 * back: the text is the same, byte for byte.
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { seededRandom } from "@engine/simulation/effects.ts";
import { browserTest, stageOfFile, until } from "./_browser.ts";

/** What can be undone is bounded by the same number. */
const EDITS = 1_000;

/** So many cards are enough; then all of them are removed. */
const CARDS_MAX = 16;

const DOCUMENT = `# What stands here must stand here again.
x-limit: &limit { requestsPerMinute: 30 } # shared
modules:
  - name: "web"   # quoted
    type: http.server
    config: {address: '127.0.0.1:0'}

  - {name: router, type: http.router}
  - name: limit
    type: http.middleware.ratelimit
    config:
      <<: *limit
workflows:
  http:
    routes: []
`;

const stage = await stageOfFile(DOCUMENT);

/** Which card is meant, of those that there are. */
const INDEXES = [...Array(CARDS_MAX).keys()];

/** Chooses by chance. */
type Choose = <T>(some: readonly T[]) => T;

/** What can be done; some of it oftener than other. */
const DEEDS: readonly ((page: Page, choose: Choose) => Promise<void>)[] = [
  add,
  add,
  (page, choose) => onCard(page, choose, "Control+d"),
  (page, choose) => onCard(page, choose, "Delete"),
  (page, choose) => onCard(page, choose, "Shift+ArrowRight"),
  write,
  write,
  goBackOrForth,
];

browserTest(
  `${EDITS} edits by chance are taken back to the same bytes`,
  stage,
  async ({ page }) => {
    const random = seededRandom(20_260);
    const choose: Choose = (some) => {
      const chosen = some[Math.floor(random.float() * some.length)];
      assert.ok(chosen !== undefined);
      return chosen;
    };
    await page.goto("/d/shop");
    await page.locator(".react-flow__node").first().waitFor();
    await page.locator(".cm-content").waitFor();
    for (let edit = 0; edit < EDITS; edit++) {
      await choose(DEEDS)(page, choose);
      const cards = await page.locator(".react-flow__node").count();
      if (cards > CARDS_MAX) await removeAll(page);
    }
    assert.notEqual(await draftOf(page), null);
    await leaveFields(page);
    const undo = page.getByRole("button", { name: /^Undo/ });
    await until("nothing is left to take back", async () => {
      for (let step = 0; step < 100; step++) {
        await page.keyboard.press("Control+z");
      }
      return await undo.isDisabled();
    });
    // There is no draft of a text that is as it was saved.
    assert.equal(await draftOf(page), null);
  },
);

async function add(page: Page, choose: Choose): Promise<void> {
  const field = page.getByPlaceholder("Add a module");
  await field.fill(choose(["ratelimit", "broker", "http.router", "handler"]));
  await field.press("Enter");
  await field.press("Escape");
}

/** Does something with a card; with none if there is none. */
async function onCard(page: Page, choose: Choose, key: string): Promise<void> {
  // In one go: the cards may be drawn anew between two looks at them.
  await page.evaluate((which) => {
    const cards = document.querySelectorAll<HTMLElement>(".react-flow__node");
    cards[which % cards.length]?.focus();
  }, choose(INDEXES));
  await page.keyboard.press("Enter");
  await page.keyboard.press(key);
}

/** Writes a comment at one end of the text. */
async function write(page: Page, choose: Choose): Promise<void> {
  await page.locator(".cm-content").focus();
  await page.keyboard.press(choose(["Control+Home", "Control+End"]));
  await page.keyboard.type(choose(["# now\n", "# äöü\n", "\n"]));
}

async function goBackOrForth(page: Page, choose: Choose): Promise<void> {
  await leaveFields(page);
  await page.keyboard.press(
    choose(["Control+z", "Control+z", "Control+Shift+z"]),
  );
}

async function removeAll(page: Page): Promise<void> {
  await leaveFields(page);
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
}

/** From then on keys mean the canvas. */
async function leaveFields(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { activeElement } = document;
    if (activeElement instanceof HTMLElement) activeElement.blur();
  });
}

function draftOf(page: Page): Promise<string | null> {
  return page.evaluate(() => sessionStorage.getItem("draft shop"));
}
