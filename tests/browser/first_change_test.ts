/**
 * What somebody does who opens the builder for the first time, with the orders
 * example and without the manual. The pictures of it are those of the documentation.
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import {
  browserTest,
  screenshot,
  stageOfOrders,
  until,
  useTheme,
} from "./_browser.ts";

const stage = await stageOfOrders();

const STRANGER = { isSignedIn: false };

browserTest(
  "whoever opens the printed address ties a rate limiter into the orders example, deploys it and sees a request pass it",
  stage,
  async ({ page, link, api }) => {
    await page.goto(link);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL((url) => url.pathname === "/");
    const card = (name: string) =>
      page.locator(`.react-flow__node[data-id="${name}"]`);
    await card("web").waitFor();
    await page.locator(".cm-content").waitFor();
    await useTheme(page, "light");
    await screenshot(page, "builder_light");
    const item = page.locator(".palette button", { hasText: /^Rate limit$/ });
    await item.dragTo(page.locator(".react-flow__pane"), {
      targetPosition: { x: 350, y: 455 },
    });
    await card("ratelimit").waitFor();
    await tie(page, "router", "ratelimit");
    await page.getByRole("button", { name: /Middlewares of all routes/ })
      .click();
    await page.getByRole("button", { name: "Deploy" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("ratelimit", { exact: true }).first().waitFor();
    await screenshot(page, "builder_deploy");
    await dialog.getByRole("button", { name: "Deploy" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Dismiss" }).click();
    const { addresses } = await api("/api/workflow/status");
    const answer = await fetch(new URL("/api/auth/register", addresses[0]), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        email: "grace@example.com",
        password: "debugging moths",
        name: "Grace",
      }),
    });
    assert.equal(answer.status, 201);
    await answer.body?.cancel();
    await card("ratelimit").getByText("1 in").waitFor({ state: "attached" });
    await page.locator(".node.live").first().waitFor();
    await screenshot(page, "builder_live");
    await until(
      "it rests",
      async () => await page.locator(".node.live").count() === 0,
    );
  },
  STRANGER,
);

/** Draws a tie from one card to another. */
async function tie(page: Page, from: string, to: string): Promise<void> {
  const end = async (name: string, side: string) => {
    const box = await page
      .locator(`.react-flow__node[data-id="${name}"] .${side}`).boundingBox();
    assert.ok(box);
    return [box.x + box.width / 2, box.y + box.height / 2] as const;
  };
  await page.mouse.move(...await end(from, "source"));
  await page.mouse.down();
  await page.mouse.move(...await end(to, "target"), { steps: 15 });
  await page.mouse.up();
}
