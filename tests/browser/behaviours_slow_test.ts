/**
 * The builder where the connection is slow, and where no answer comes.
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { browserTest, type Scene, stageOfFile, until } from "./_browser.ts";

const SHOP = `modules:
  - { name: web, type: http.server, config: { address: "127.0.0.1:0" } }
  - { name: router, type: http.router }
`;

const stage = await stageOfFile(SHOP);

/** Longer than the page waits for anything, in milliseconds. */
const FOR_EVER_MS = 61_000;

/** From then on everything is slow. */
async function slowDown({ context, page }: Scene): Promise<void> {
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 400,
    downloadThroughput: 50_000,
    uploadThroughput: 50_000,
  });
}

/** Counts what is written to the document. */
function writesOf(page: Page): string[] {
  const writes: string[] = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (request.method() === "PUT" && pathname === "/api/documents/shop") {
      writes.push(request.postData() ?? "");
    }
  });
  return writes;
}

/** Milliseconds from the HTML of the page to something that is seen of it. */
function seenAfter(page: Page, selector: string): Promise<number> {
  return page.evaluate((selector) => {
    const [navigation] = performance.getEntriesByType("navigation");
    const { responseEnd } = navigation as PerformanceNavigationTiming;
    return new Promise<number>((resolve) => {
      const look = () => {
        const [paint] = performance.getEntriesByType("paint");
        if (paint !== undefined && document.querySelector(selector)) {
          resolve(paint.startTime - responseEnd);
        } else requestAnimationFrame(look);
      };
      look();
    });
  }, selector);
}

const notSaved = (page: Page) => page.locator("[title='Not saved']");

const card = (page: Page, name: string) =>
  page.locator(`.react-flow__node[data-id="${name}"]`);

browserTest(
  "a slow connection shows that it loads, and an edit before the check is saved once",
  stage,
  async (scene) => {
    const { page, api } = scene;
    await slowDown(scene);
    const writes = writesOf(page);
    await page.goto("/d/shop", { waitUntil: "commit" });
    const afterMs = await seenAfter(page, ".opening [role=status]");
    assert.ok(afterMs < 1_000, `${afterMs} ms`);
    await page.getByText("Opening shop").waitFor();
    await card(page, "router").waitFor();
    // The check of what is added now is not answered when it is saved.
    await page.getByPlaceholder("Add a module").fill("http.middleware.cors");
    await page.keyboard.press("Enter");
    await card(page, "cors").waitFor();
    await page.getByText("Checking").waitFor({ state: "attached" });
    await page.keyboard.press("Control+s");
    await page.keyboard.press("Control+s");
    const save = page.getByRole("button", { name: "Saving" });
    await save.waitFor();
    assert.equal(await save.isDisabled(), true);
    // Written while the rest is on its way, it is not lost.
    const limit = page.getByPlaceholder("Add a module");
    await limit.fill("http.middleware.requestid");
    await limit.press("Enter");
    await page.getByText("Saved", { exact: true }).waitFor();
    await notSaved(page).waitFor();
    await page.keyboard.press("Control+s");
    await notSaved(page).waitFor({ state: "detached" });
    assert.equal(await page.getByRole("dialog").count(), 0);
    assert.equal(writes.length, 2, writes.join("\n--\n"));
    assert.equal(writes.filter((text) => /requestid/.test(text)).length, 1);
    const { applications } = await api("/api/workflow/status");
    assert.equal(applications[0].modules.length, 2);
  },
);

browserTest(
  "a page whose questions hang says so, and goes on once they are answered",
  stage,
  async (scene) => {
    const { page } = scene;
    await page.clock.install();
    const hang = async (path: string) => {
      const held: (() => Promise<void>)[] = [];
      await page.route(path, (route) => {
        held.push(() => route.abort());
      });
      return held;
    };
    await hang("**/api/workflow/forms");
    await page.goto("/d/shop");
    await page.getByText("Opening shop").waitFor();
    await until("it says that it takes long", async () => {
      await page.clock.runFor(1_000);
      return await page.getByText("The engine has not answered yet")
        .isVisible();
    });
    await page.clock.fastForward(FOR_EVER_MS);
    await page.getByRole("heading", { name: "shop cannot be opened" })
      .waitFor();
    await hang("**/api/workflow/validate?*");
    await page.unroute("**/api/workflow/forms");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("Drawing the modules").waitFor();
    await until("it says that nothing is checked", async () => {
      await page.clock.runFor(1_000);
      return await page.getByText("Not checked").isVisible();
    });
    // What is known is shown, and can be changed.
    await card(page, "router").waitFor();
    await page.unroute("**/api/workflow/validate?*");
    await until("it is checked", async () => {
      await page.clock.runFor(1_000);
      return !await page.getByText("Not checked").isVisible();
    });
    await page.getByPlaceholder("Add a module").fill("health.checker");
    await page.keyboard.press("Enter");
    await card(page, "checker").waitFor();
    await hang("**/api/documents/shop");
    await page.keyboard.press("Control+s");
    await page.getByRole("button", { name: "Saving" }).waitFor();
    await page.clock.fastForward(FOR_EVER_MS);
    await page.getByRole("dialog").getByText("The engine does not answer")
      .waitFor();
    await notSaved(page).waitFor();
    await page.keyboard.press("Escape");
    await page.unroute("**/api/documents/shop");
    await page.keyboard.press("Control+s");
    await notSaved(page).waitFor({ state: "detached" });
  },
);
