/**
 * The list of runs.
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import {
  browserTest,
  checkAccess,
  forget,
  runIs,
  screenshot,
  stageOfFile,
  startRun,
  THEMES,
  useTheme,
} from "./_browser.ts";
import { ORDER, REFUSED_CARD, shopDocument, startBank } from "./_shop.ts";

const stage = await stageOfFile(shopDocument(startBank()));

/** The widths at which the layout changes. */
const WIDTHS = [1440, 1100, 800];

browserTest(
  "an empty list says what would be here",
  stage,
  async ({ page }) => {
    await page.goto("/runs");
    await page.getByRole("heading", { name: "No runs yet" }).waitFor();
    await screenshot(page, "runs-empty");
    await page.goto("/runs?status=failed");
    await page.getByRole("heading", { name: "No run fits" }).waitFor();
    await screenshot(page, "runs-no-match");
    await page.getByRole("button", { name: "Show all runs" }).click();
    await page.getByRole("heading", { name: "No runs yet" }).waitFor();
    assert.equal(new URL(page.url()).search, "");
  },
);

browserTest(
  "a run is started from the list, with an input",
  stage,
  async (scene) => {
    const { page, api } = scene;
    await page.goto("/runs?pipeline=order");
    await page.getByRole("button", { name: "Start a run" }).first().click();
    const input = page.getByLabel("Input");
    // The fields of the pipeline are there, to be filled in.
    await page.waitForFunction(() =>
      document.querySelector("dialog textarea")?.textContent !== null &&
      (document.querySelector("dialog textarea") as HTMLTextAreaElement).value
        .includes("card")
    );
    await screenshot(page, "runs-start");
    await input.fill('{ "order": ');
    await page.getByText("This is no JSON").waitFor();
    await input.fill('{ "order": "ord-0" }');
    await page.getByRole("button", { name: "Start run" }).click();
    await page.getByRole("alert").waitFor();
    await input.fill(JSON.stringify({ ...ORDER, order: "ord-0" }));
    await page.getByRole("button", { name: "Start run" }).click();
    await page.waitForURL(/\/runs\/\w+$/);
    forget(scene, 422);
    await page.getByRole("heading", { name: "ord-0" }).waitFor();
    const { runs } = await api("/api/runs?q=ord-0");
    assert.equal(runs.length, 1);
  },
);

browserTest(
  "filters narrow the list, and are in its address",
  stage,
  async (scene) => {
    const { page } = scene;
    const failed = await startRun(scene, "order", {
      ...{ ...ORDER, order: "ord-7" },
      card: REFUSED_CARD,
    });
    const waiting = await startRun(scene, "refund", { amount: 25 });
    await runIs(scene, failed, "failed");
    await runIs(scene, waiting, "waiting");
    await page.goto("/runs");
    await row(page, "ord-7").waitFor();
    await row(page, "25").waitFor();
    await page.getByRole("button", { name: /^Failed 1/ }).click();
    await row(page, "25").waitFor({ state: "detached" });
    assert.equal(new URL(page.url()).search, "?status=failed");
    await row(page, "ord-7").waitFor();
    await page.goBack();
    await row(page, "25").waitFor();
    await page.getByLabel("Pipeline").selectOption("refund");
    await row(page, "ord-7").waitFor({ state: "detached" });
    await page.getByLabel("Pipeline").selectOption("");
    await row(page, "ord-7").waitFor();
    await page.getByRole("searchbox").fill("ord-7");
    await row(page, "25").waitFor({ state: "detached" });
    assert.equal(new URL(page.url()).search, "?q=ord-7");
    await page.reload();
    await row(page, "ord-7").waitFor();
    assert.equal(await page.getByRole("searchbox").inputValue(), "ord-7");
  },
);

browserTest(
  "a run appears, and changes, while the list is looked at",
  stage,
  async (scene) => {
    const { page } = scene;
    await page.goto("/runs");
    await page.locator(".run-table, .state").first().waitFor();
    const id = await startRun(scene, "delivery");
    const appeared = page.locator("tr", { has: page.getByText(id) });
    await appeared.getByText("Waiting").waitFor();
    await scene.api(`/api/runs/${id}/signals/fetched`, {
      method: "POST",
      body: JSON.stringify({ by: "Ada" }),
    });
    await appeared.getByText("Completed").waitFor();
  },
);

browserTest(
  "the list is used with the keyboard alone",
  stage,
  async (scene) => {
    const { page } = scene;
    await startRun(scene, "refund", { amount: 31 });
    await page.goto("/runs");
    await row(page, "31").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("31");
    await page.waitForURL(/q=31/);
    await page.locator("tbody tr").nth(1).waitFor({ state: "detached" });
    // From the field over the filters to the rows.
    for (let tabs = 0; tabs < 20; tabs++) {
      await page.keyboard.press("Tab");
      if (await page.locator("a.run-link:focus").count() > 0) break;
    }
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "31" }).waitFor();
  },
);

browserTest("arrow keys move over the rows", stage, async (scene) => {
  const { page } = scene;
  for (const amount of [41, 42, 43]) {
    await startRun(scene, "refund", { amount });
  }
  await page.goto("/runs?pipeline=refund");
  await row(page, "41").waitFor();
  await page.locator("a.run-link").first().focus();
  const focused = () =>
    page.evaluate(() => document.activeElement?.textContent);
  assert.equal(await focused(), "43");
  await page.keyboard.press("ArrowDown");
  assert.equal(await focused(), "42");
  await page.keyboard.press("End");
  await page.keyboard.press("Home");
  assert.equal(await focused(), "43");
  await page.keyboard.press("ArrowUp");
  assert.equal(await focused(), "43");
});

browserTest("a long list comes page by page", stage, async (scene) => {
  const { page } = scene;
  await Promise.all(
    Array.from(
      { length: 120 },
      (_, index) => startRun(scene, "refund", { amount: 1_000 + index }),
    ),
  );
  await page.goto("/runs?pipeline=refund");
  await page.locator("tbody tr").nth(49).waitFor();
  assert.equal(await page.locator("tbody tr").count(), 50);
  await page.getByRole("button", { name: "Show older" }).click();
  await page.locator("tbody tr").nth(99).waitFor();
  await page.getByRole("button", { name: "Show older" }).click();
  await page.locator("tbody tr").nth(119).waitFor();
});

browserTest(
  "a list that cannot be read says so, and comes back",
  stage,
  async (scene) => {
    const { page } = scene;
    let isBroken = true;
    await page.route("**/api/runs?*", (route) =>
      isBroken
        ? route.fulfill({
          status: 500,
          contentType: "application/problem+json",
          body: JSON.stringify({ detail: "The store is away" }),
        })
        : route.continue());
    await page.goto("/runs");
    await page.getByRole("alert").getByText("The store is away").waitFor();
    await screenshot(page, "runs-failure");
    const again = page.getByRole("button", { name: "Try again" });
    await again.hover();
    isBroken = false;
    // The list asks by itself now and then, and may have been faster.
    await again.click({ timeout: 2_000 }).catch(() => {});
    await page.locator("tbody tr").first().waitFor();
    forget(scene, 500);
  },
);

browserTest("the list can be used by everybody", stage, async (scene) => {
  const { page } = scene;
  const failed = await startRun(scene, "order", {
    ...{ ...ORDER, order: "ord-9" },
    card: REFUSED_CARD,
  });
  await runIs(scene, failed, "failed");
  for (const path of ["/runs", "/runs?q=nothing-like-this"]) {
    await page.goto(path);
    await page.locator("tbody tr, .state").first().waitFor();
    for (const theme of THEMES) {
      await useTheme(page, theme);
      await checkAccess(page, `${path}, ${theme}`);
    }
  }
  await page.goto("/runs");
  await row(page, "ord-9").waitFor();
  for (const theme of THEMES) {
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      await useTheme(page, theme);
      await screenshot(page, `runs-${theme}-${width}`);
    }
  }
});

/** The row of a run that has a key. */
function row(page: Page, key: string) {
  return page.locator("a.run-link", { hasText: new RegExp(`^${key}$`) });
}
