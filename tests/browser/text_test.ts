/**
 * The text beside the canvas: it says what its words mean, and what may follow.
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { browserTest, stageOfFile } from "./_browser.ts";

const stage = await stageOfFile(`modules:
  - name: web
    type: http.server
    config: { address: "127.0.0.1:0" }
  - name: router
    type: http.router
  - name: limit
    type: http.middleware.ratelimit
    config:
      requestsPerMinute: 30
  - name: alive
    type: health.checker
workflows:
  http:
    routes:
      - path: /a
        method: GET
        handler: alive
`);

/** Rests the pointer on the last word of the first line that holds a text. */
async function rest(page: Page, text: string): Promise<void> {
  const line = page.locator(".cm-line", { hasText: text }).first();
  await line.scrollIntoViewIfNeeded();
  const place = await line.evaluate((element, text) => {
    const range = document.createRange();
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const word = text.split(" ").at(-1) ?? text;
    while (walker.nextNode()) {
      const { currentNode: node } = walker;
      const at = node.textContent?.indexOf(word) ?? -1;
      if (at < 0) continue;
      range.setStart(node, at);
      range.setEnd(node, at + word.length);
    }
    const { left, top, width, height } = range.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  }, text);
  await page.mouse.move(place.x, place.y);
}

browserTest(
  "the pointer on a word of the text shows what it means",
  stage,
  async ({ page }) => {
    await page.goto("/d/shop");
    const said = page.locator(".explained");
    for (
      const [text, title, meaning] of [
        ["requestsPerMinute", "Requests per minute", /By default/],
        ["type: http.middleware.ratelimit", "HTTP middleware rate limit", /\w/],
        ["address", "Address", /\w/],
        ["handler", "Handler", /The module that answers/],
      ] as const
    ) {
      await rest(page, text);
      await said.getByText(title, { exact: true }).waitFor();
      assert.match(await said.innerText(), meaning);
      await page.mouse.move(5, 5);
      await said.waitFor({ state: "detached" });
    }
  },
);

browserTest(
  "what may stand at the cursor is offered, wherever that is",
  stage,
  async ({ page }) => {
    await page.goto("/d/shop");
    await page.locator(".cm-line").first().waitFor();
    const offered = page.locator(".cm-tooltip-autocomplete li");
    const offers = async (text: string) =>
      await offered.filter({ hasText: text }).first().waitFor();
    await page.locator(".cm-content").focus();
    await page.keyboard.press("Control+End");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await page.keyboard.type("mid");
    await offers("middlewares");
    await offered.first().click();
    await page.keyboard.press("Enter");
    await page.keyboard.type("  - li");
    await offers("limit");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+End");
    await page.keyboard.type("pipelines:\n");
    await page.keyboard.type("  one:\n  st");
    await offers("steps");
  },
);
