/**
 * What every area does: empty, full, failed, narrow, in both themes.
 */
import assert from "node:assert/strict";
import type { Locator } from "playwright-core";
import {
  browserTest,
  checkAccess,
  forget,
  screenshot,
  stageOfFile,
  THEMES,
  until,
  useTheme,
} from "./_browser.ts";
import { deadOf, MARKET, order } from "./_market.ts";

const stage = await stageOfFile(MARKET);

/** The widths at which the layout changes. */
const WIDTHS = [1440, 1100, 800];

browserTest(
  "nothing given up, nothing made: each empty area says what would be there",
  stage,
  async ({ page }) => {
    await page.goto("/dead-letters");
    await page.getByRole("heading", { name: "Nothing was given up" }).waitFor();
    await screenshot(page, "areas-dead-letters-empty");
    await page.goto("/audit");
    await page.getByRole("heading", { name: "Nothing was changed yet" })
      .waitFor();
    await page.goto("/instances");
    await page.getByRole("heading", { name: "No instances yet" }).waitFor();
    await screenshot(page, "areas-instances-empty");
    await page.route(
      "**/api/instances/machines",
      (route) => route.fulfill({ json: [] }),
    );
    await page.reload();
    await page.getByRole("heading", { name: "No state machines" }).waitFor();
    await page.route(
      "**/api/schedules",
      (route) => route.fulfill({ json: [] }),
    );
    await page.goto("/schedules");
    await page.getByRole("heading", { name: "No schedules yet" }).waitFor();
    await page.route(
      "**/api/workflow/status",
      (route) => route.fulfill({ json: { applications: [] } }),
    );
    await page.route("**/api/queues", (route) => route.fulfill({ json: [] }));
    await page.goto("/health");
    await page.getByRole("heading", { name: "No document runs" }).waitFor();
    await page.getByRole("heading", { name: "No queues" }).waitFor();
    await page.unrouteAll();
  },
);

browserTest(
  "ten thousand components are shown in pages, and none says how to make one",
  stage,
  async ({ page }) => {
    const row = {
      ...{ application: "shop", status: "running", isOverridden: false },
      ...{ isolation: "shared", permissions: {}, version: 1, added: false },
      ...{ calls: 1, failures: 0, kills: 0, swaps: 0, used: {}, refused: {} },
    };
    let rows: unknown[] = Array.from({ length: 10_000 }, (_, index) => ({
      ...row,
      id: `component-${index}-${"long-".repeat(index === 0 ? 20 : 0)}`,
    }));
    await page.route(
      "**/api/dynamic/components?**",
      (route) => route.fulfill({ json: rows }),
    );
    await page.goto("/components");
    await page.getByText("1 to 50 of 10,000").waitFor();
    assert.equal(await page.locator("tbody tr").count(), 50);
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByText("51 to 100 of 10,000").waitFor();
    await page.getByRole("searchbox").fill("component-9999");
    await page.getByRole("link", { name: "component-9999" }).waitFor();
    assert.equal(await page.locator("tbody tr").count(), 1);
    rows = [];
    await page.goto("/components");
    await page.getByRole("heading", { name: "No components yet" }).waitFor();
    await screenshot(page, "components-empty");
  },
);

browserTest(
  "a failure says why and what to do, and what was seen stays",
  stage,
  async (scene) => {
    const { page } = scene;
    const path = "**/api/dynamic/components?**";
    await page.route(path, (route) =>
      route.fulfill({
        status: 500,
        json: { detail: "The request failed; the log says why" },
      }));
    await page.goto("/components");
    await page.getByRole("heading", { name: "Cannot show the components" })
      .waitFor();
    await page.getByText("the log says why").waitFor();
    await screenshot(page, "components-failed");
    await page.unroute(path);
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("link", { name: "greeter" }).waitFor();
    forget(scene, 500);
    await page.route(path, (route) => route.abort());
    await page.getByText("The engine does not answer. This is how it was at")
      .waitFor();
    await page.getByRole("link", { name: "greeter" }).waitFor();
    await screenshot(page, "components-offline");
    const isOffline = (fault: string) => fault.includes("net::ERR_FAILED");
    scene.faults.splice(
      0,
      scene.faults.length,
      ...scene.faults.filter((fault) => !isOffline(fault)),
    );
    await page.unrouteAll();
  },
);

for (const theme of THEMES) {
  browserTest(
    `every area can be used by everybody (${theme})`,
    stage,
    async (scene) => {
      const { page, api } = scene;
      // So that there is a letter of each kind of length.
      const source =
        'export function execute() { throw Object.assign(new Error("Full".repeat(90)), { name: "TerminalError" }); }';
      await api("/api/dynamic/components/packing", {
        method: "PUT",
        body: JSON.stringify({ source }),
      });
      await order(scene, "A-9");
      await until("one is dead", async () => await deadOf(scene) > 0);
      const input = { id: `P-${theme}`, weight: 2 };
      await api("/api/runs", {
        method: "POST",
        body: JSON.stringify({ workflow: "parcel", action: "send", input }),
      });
      const areas = [
        ...["dead-letters", "schedules", "health", "events", "audit"],
        ...["instances", `instances/shop/parcels/P-${theme}`],
      ];
      for (const area of areas) {
        await page.goto(`/${area}`);
        await useTheme(page, theme);
        await page.locator(
          "table, .letter, .schedule-row, .event-item, .machine-diagram",
        ).first().waitFor();
        await checkAccess(page, area);
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 900 });
          const overflow = await page.locator("#area").evaluate((element) =>
            element.scrollWidth - element.clientWidth
          );
          assert.equal(overflow, 0, `${area} at ${width}`);
          const name = area.replaceAll("/", "-");
          await screenshot(page, `areas-${name}-${theme}-${width}`);
        }
      }
    },
    { theme },
  );
}

for (const theme of THEMES) {
  browserTest(
    `pages of components can be used by everybody (${theme})`,
    stage,
    async ({ page }) => {
      const tabs = ["code", "versions", "permissions", "execute", "activity"];
      const paths = [
        "/components",
        ...tabs.map((tab) => `/components/greeter?tab=${tab}`),
      ];
      for (const path of paths) {
        await page.goto(path);
        await useTheme(page, theme);
        await page.locator("table, .cm-content, .tab-body .card, .may").first()
          .waitFor();
        await checkAccess(page, path);
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 900 });
          const overflow = await page.locator("#area").evaluate((area) =>
            area.scrollWidth - area.clientWidth
          );
          assert.equal(overflow, 0, `${path} at ${width}`);
          const name = path.replaceAll(/\W+/g, "-");
          await screenshot(page, `areas${name}-${theme}-${width}`);
        }
      }
    },
    { theme },
  );
}

browserTest(
  "a dialog keeps the focus, and gives it back to what opened it",
  stage,
  async ({ page }) => {
    const dialog = (name: string) => page.getByRole("dialog", { name });
    const isFocused = (locator: Locator) =>
      locator.evaluate((element) => element === document.activeElement);
    const isInside = () =>
      page.evaluate(() => document.activeElement?.closest("dialog") !== null);
    const beside = () => page.mouse.click(8, 8);
    await page.goto("/components");
    const opener = page.getByRole("button", { name: "New component" });
    await opener.focus();
    await page.keyboard.press("Enter");
    await dialog("New component").waitFor();
    assert.ok(await isFocused(dialog("New component").getByLabel("Name")));
    // What was written in a form is not lost by a click.
    await beside();
    await dialog("New component").waitFor();
    await page.keyboard.press("Escape");
    await dialog("New component").waitFor({ state: "detached" });
    assert.ok(await isFocused(opener));
    await page.goto("/d/shop");
    const more = page.getByRole("button", { name: "More" });
    for (const close of [() => page.keyboard.press("Escape"), beside]) {
      await more.click();
      await page.getByRole("button", { name: "Keys" }).click();
      await dialog("Keys").waitFor();
      assert.ok(await isInside());
      await close();
      await dialog("Keys").waitFor({ state: "detached" });
      assert.ok(await isFocused(more));
    }
  },
);
