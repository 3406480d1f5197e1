/**
 * Dead letters and schedules.
 */
import assert from "node:assert/strict";
import {
  browserTest,
  checkAccess,
  screenshot,
  stageOfFile,
  until,
} from "./_browser.ts";
import { deadOf, MARKET, order, PACKING, QUEUE } from "./_market.ts";

const stage = await stageOfFile(MARKET);

browserTest(
  "a dead letter is looked at and replayed, then all of its source",
  stage,
  async (scene) => {
    const { page, api } = scene;
    for (const id of ["A-1", "A-2", "A-3"]) await order(scene, id);
    await until("three are dead", async () => await deadOf(scene) === 3);
    await page.goto("/dead-letters");
    await page.getByRole("button", { name: `${QUEUE} Queue` }).click();
    await page.getByText("1 attempt").first().waitFor();
    assert.equal(await page.getByText("The table is full").count(), 3);
    await page.locator(".letter-title").first().click();
    await page.locator("pre").getByText('"order": "A-1"').waitFor();
    await checkAccess(page, "an open letter");
    await screenshot(page, "areas-dead-letter");
    // Replayed before it is mended, it comes back.
    await page.getByRole("button", { name: "Replay the letter" }).first()
      .click();
    await page.getByText("went back to its source").waitFor();
    await until("it is dead again", async () => await deadOf(scene) === 3);
    await api("/api/dynamic/components/packing", {
      method: "PUT",
      body: JSON.stringify({ source: PACKING }),
    });
    await page.getByRole("button", { name: "Replay the letter" }).first()
      .click();
    await until("one is done", async () => await deadOf(scene) === 2);
    await page.locator(".letter-list > li").nth(2)
      .waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Purge the letter" }).first()
      .click();
    await page.getByText("gone for good").waitFor();
    await page.getByRole("button", { name: "Purge the letter", exact: true })
      .click();
    await until("one is purged", async () => await deadOf(scene) === 1);
    await page.getByRole("button", { name: "Replay all" }).click();
    await page.getByRole("heading", { name: "Nothing was given up" }).waitFor();
    assert.equal(await deadOf(scene), 0);
  },
);

browserTest(
  "a schedule is paused, run by hand and resumed",
  stage,
  async (scene) => {
    const { page, api } = scene;
    await page.goto("/schedules");
    const row = page.getByRole("listitem").filter({ hasText: "trigger:count" });
    await row.getByText("Every 1 h").waitFor();
    await row.getByText(/in 59 min|in 1 h/).waitFor();
    await page.getByText("Every day at 02:30, Europe/Berlin").waitFor();
    await row.getByRole("button", { name: "Pause" }).click();
    await row.getByText("Paused").waitFor();
    await row.getByText("Does not come").waitFor();
    const path = "/api/schedules/trigger:count";
    assert.equal((await api(path)).paused, true);
    await row.getByRole("button", { name: "Run now" }).click();
    await row.getByText("by hand").waitFor();
    await row.getByText("Completed").waitFor();
    await row.getByRole("button", { name: "trigger:count messaging" }).click();
    await row.getByText("Latest runs").waitFor();
    await row.locator(".firing").getByText("Completed").waitFor();
    await checkAccess(page, "an open schedule");
    await screenshot(page, "areas-schedule");
    await row.getByRole("button", { name: "Resume" }).click();
    await row.getByText("Active").waitFor();
    assert.equal((await api(path)).history[0].manual, true);
  },
);

browserTest(
  "a schedule is created, changed and deleted",
  stage,
  async (scene) => {
    const { page, api } = scene;
    await page.goto("/schedules");
    await page.getByRole("button", { name: "New schedule" }).click();
    await page.getByLabel("Name").fill("shelves");
    await page.getByLabel("Workflow").fill("messaging");
    await page.getByLabel("Action").fill("stock.count");
    const cron = page.getByLabel(/^Cron/);
    await cron.fill("0 25 * * *");
    await page.getByText('hour "25"').or(page.getByText("0 to 23")).first()
      .waitFor();
    await cron.fill("*/5 * * * *");
    await page.getByText("Every 5 min. Comes").waitFor();
    await page.getByLabel("Params").fill('{ "shelf": 7 }');
    await screenshot(page, "areas-schedule-new");
    await checkAccess(page, "a new schedule");
    await page.getByRole("button", { name: "Create" }).click();
    const row = page.getByRole("listitem").filter({ hasText: "shelves" });
    await row.getByText("Every 5 min, UTC").waitFor();
    await row.locator(".schedule-title").click();
    await row.getByRole("button", { name: "Edit" }).click();
    await page.getByLabel("At an interval").check();
    await page.getByRole("textbox", { name: /^Every A/ }).fill("90m");
    await page.getByRole("button", { name: "Save" }).click();
    await row.getByText("Every 90 min").waitFor();
    const { params, every } = await api("/api/schedules/shelves");
    assert.deepEqual([params, every], [{ shelf: 7 }, "90m"]);
    await row.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Delete shelves" }).click();
    await row.waitFor({ state: "detached" });
    const left = await api("/api/schedules");
    assert.equal(left.length, 2);
  },
);

browserTest(
  "a letter is found, read and purged with the keyboard alone",
  stage,
  async (scene) => {
    const { page, api } = scene;
    const source = `export function execute() {
  throw Object.assign(new Error("No boxes"), { name: "TerminalError" });
}`;
    await api("/api/dynamic/components/packing", {
      method: "PUT",
      body: JSON.stringify({ source }),
    });
    await order(scene, "K-1");
    await until("it is dead", async () => await deadOf(scene) === 1);
    await page.goto("/dead-letters");
    await page.getByText("No boxes").waitFor();
    const press = async (key: string, times = 1) => {
      for (let index = 0; index < times; index++) {
        await page.keyboard.press(key);
      }
    };
    const focused = () => page.locator(":focus").innerText();
    // To the content, past the rail; then the sources, and the letter.
    await press("Tab");
    assert.equal(await focused(), "To the content");
    await press("Enter");
    await press("Tab", 3);
    assert.match(await focused(), /No boxes/);
    await press("Enter");
    await page.locator("pre").getByText('"order": "K-1"').waitFor();
    await press("Tab");
    assert.equal(await focused(), "Purge");
    await press("Enter");
    // The way out comes first.
    assert.equal(await focused(), "Cancel");
    await press("Escape");
    assert.equal(await focused(), "Purge");
    await press("Enter");
    await press("Tab");
    assert.equal(await focused(), "Purge the letter");
    await press("Enter");
    await page.getByRole("heading", { name: "Nothing was given up" }).waitFor();
    assert.equal(await deadOf(scene), 0);
  },
);
