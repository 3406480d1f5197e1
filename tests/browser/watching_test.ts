/**
 * Events, health and the audit log.
 */
import assert from "node:assert/strict";
import {
  browserTest,
  checkAccess,
  forget,
  runIs,
  screenshot,
  stageOfFile,
  startRun,
  THEMES,
  until,
  useTheme,
} from "./_browser.ts";
import { MARKET, QUEUE } from "./_market.ts";

const stage = await stageOfFile(MARKET);

browserTest(
  "events appear while they happen, are filtered, paused and lead on",
  stage,
  async (scene) => {
    const { page, api } = scene;
    await page.goto("/events");
    await page.getByText("shop is running").waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    const source =
      "export const x = 1; export function execute() { return {}; }";
    const change = (comment: string) =>
      api("/api/dynamic/components/greeter", {
        method: "PUT",
        body: JSON.stringify({ source: `${source} // ${comment}` }),
      });
    await change("one");
    const told = page.getByText("has new code");
    await told.first().waitFor();
    const before = await told.count();
    await page.getByLabel("Kind").selectOption("notice");
    await page.getByText("shop is running").waitFor({ state: "detached" });
    assert.equal(new URL(page.url()).searchParams.get("kind"), "notice");
    await page.getByLabel("Find a text").fill("no such text");
    await page.getByRole("heading", { name: "No event is like this" })
      .waitFor();
    await page.getByLabel("Find a text").fill("greeter");
    await told.first().waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    await change("two");
    await page.getByText(/Paused\. [1-9]\d* events? came since/).waitFor();
    await screenshot(page, "areas-events-paused");
    await page.getByRole("button", { name: "Resume" }).click();
    await page.waitForFunction(
      (count) =>
        [...document.querySelectorAll(".event-text")]
          .filter((one) => one.textContent?.includes("has new code")).length >
          count,
      before - 1,
    );
    await page.locator(".event-title").first().click();
    await page.locator(".event-fields").getByText("greeter").first().waitFor();
    await checkAccess(page, "an open event");
    const link = page.locator(".event-place").first();
    assert.equal(
      await link.getAttribute("href"),
      "/d/shop?view=modules&node=greeter",
    );
  },
);

browserTest(
  "the log of events says that the connection is lost, and comes back",
  stage,
  async (scene) => {
    const { page, context, faults } = scene;
    await page.goto("/events");
    await page.getByText("Live", { exact: true }).waitFor();
    await page.locator(".event-item").first().waitFor();
    await context.setOffline(true);
    await page.route("**/api/events**", (route) => route.abort());
    // The stream that is open is cut as the page looks for another.
    await page.reload().catch(() => {});
    await context.setOffline(false);
    await page.goto("/events");
    await page.getByText("Connection lost, trying again").waitFor();
    await page.getByRole("heading", { name: "Cannot show the events" })
      .waitFor();
    await screenshot(page, "areas-events-lost");
    await page.unrouteAll();
    await page.getByText("Live", { exact: true }).waitFor();
    await page.locator(".event-item").first().waitFor();
    faults.splice(0, faults.length);
  },
);

browserTest(
  "of a flood of events the newest thousand are kept, in pages",
  stage,
  async ({ page }) => {
    const body = Array.from({ length: 1_500 }, (_, index) => {
      const message = `Event ${index + 1}`;
      const event = { v: 1, at: index, application: "shop", message };
      return `id: ${index + 1}\nevent: notice\ndata: ${
        JSON.stringify(event)
      }\n\n`;
    }).join("");
    const contentType = "text/event-stream";
    await page.route(
      "**/api/events**",
      (route) => route.fulfill({ contentType, body }),
    );
    await page.goto("/events");
    await page.getByText("1,000 events, the newest are kept").waitFor();
    await page.getByText("Event 1500", { exact: true }).waitFor();
    assert.equal(await page.locator(".event-item").count(), 100);
    // The stream ends here and is asked for again: nothing is told twice.
    await page.getByText("1 to 100 of 1,000").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("Event 499");
    await page.getByRole("heading", { name: "No event is like this" })
      .waitFor();
    await page.getByLabel("Find a text").fill("Event 501");
    await page.getByText("1 of 1,000 events").waitFor();
    await page.unrouteAll();
  },
);

browserTest(
  "health shows modules, checks, queues and what goes on",
  stage,
  async (scene) => {
    const { page, engine } = scene;
    await page.goto("/health?minutes=5");
    await page.getByText("Healthy").first().waitFor();
    const stock = page.getByRole("row").filter({ hasText: "stock" });
    await stock.getByText("Open").waitFor();
    await stock.getByText("Healthy").waitFor();
    await page.getByRole("row").filter({ hasText: QUEUE }).waitFor();
    await page.getByText("3 components: 3 share hosts").waitFor();
    await page.getByText(/Process \d+/).waitFor();
    // Requests that were answered are in the plots a moment later.
    for (let index = 0; index < 30; index++) {
      const answer = await fetch(`${engine.addresses[0]}/greet`, {
        method: "POST",
        body: JSON.stringify({ name: "Ada" }),
      });
      await answer.body?.cancel();
    }
    const requests = page.getByRole("figure", {
      name: "HTTP requests that were answered",
    });
    await until(
      "there is a rate",
      async () =>
        parseFloat(await requests.locator("b").first().textContent() ?? "") > 0,
    );
    const label = await requests.locator("svg").getAttribute("aria-label");
    assert.match(label ?? "", /all: .* now, at most/);
    await page.locator("figure svg").first().hover();
    await screenshot(page, "areas-health");
  },
);

browserTest(
  "the audit log shows what was done, by whom, and what came of it",
  stage,
  async (scene) => {
    const { page, api } = scene;
    await api("/api/schedules/trigger:nightly/pause", { method: "POST" });
    await page.goto("/schedules");
    const row = page.getByRole("listitem").filter({ hasText: "nightly" });
    await row.getByRole("button", { name: "Resume" }).click();
    await row.getByText("Active").waitFor();
    await page.goto("/components/greeter?tab=execute");
    await page.getByLabel("Params").fill('{ "name": "Ada" }');
    await page.getByRole("button", { name: "Execute", exact: true }).click();
    await page.locator(".call-result").waitFor();
    await page.goto("/audit");
    const entry = (text: string) =>
      page.getByRole("row").filter({ hasText: text }).first();
    await entry("Execute greeter").getByText("Done").waitFor();
    await entry("Resume the schedule trigger:nightly").getByText("Browser")
      .waitFor();
    await entry("Pause the schedule trigger:nightly")
      .getByText("Management token").waitFor();
    await page.getByLabel("Find on this page").fill("resume");
    await entry("Execute greeter").waitFor({ state: "detached" });
    await page.getByLabel("Find on this page").fill("nobody");
    await page.getByText("Nothing here holds").waitFor();
  },
);

browserTest(
  "the audit log goes back page by page",
  stage,
  async ({ page, api }) => {
    for (let index = 0; index < 60; index++) {
      const verb = index % 2 === 0 ? "pause" : "resume";
      await api(`/api/schedules/trigger:count/${verb}`, { method: "POST" });
    }
    await page.goto("/audit");
    await page.getByText("Page 1, the newest first").waitFor();
    assert.equal(await page.locator("tbody tr").count(), 50);
    const all = await api("/api/audit");
    await page.getByRole("button", { name: "Older" }).click();
    await page.getByText("Page 2").waitFor();
    assert.equal(await page.locator("tbody tr").count(), all.length - 50);
    await page.getByRole("button", { name: "Newer" }).click();
    await page.getByText("Page 1,").waitFor();
  },
);

const PLAIN = `modules:
  - { name: web, type: http.server, config: { address: "127.0.0.1:0" } }
  - { name: router, type: http.router }
  - { name: hello, type: http.handler }
workflows:
  http:
    routes: [{ method: GET, path: /hello, handler: hello }]
pipelines:
  greet:
    steps: [{ id: say, use: set, with: { values: { greeting: hello } } }]
`;

browserTest(
  "what is measured is plotted without a collector, and is there as a table",
  await stageOfFile(PLAIN),
  async (scene) => {
    const { page, engine } = scene;
    const plot = (name: string) => page.getByRole("figure", { name });
    await page.goto("/health");
    // The process itself is measured, whatever happens.
    await plot("How late the process does what is due").waitFor();
    const requests = plot("HTTP requests that were answered");
    assert.equal(await requests.count(), 0);
    for (let n = 0; n < 20; n++) {
      const path = n < 5 ? "/nothing" : "/hello";
      const answer = await fetch(`${engine.addresses[0]}${path}`);
      await answer.body?.cancel();
    }
    const id = await startRun(scene, "greet");
    await runIs(scene, id, "completed");
    await requests.waitFor();
    const times = plot("How long an HTTP request took");
    await times.locator("b").last().getByText(/ms|s/).waitFor();
    await plot("Workflow actions that were executed").waitFor();
    await plot("Memory that the process holds").getByText("MiB").first()
      .waitFor();
    for (const theme of THEMES) {
      await useTheme(page, theme);
      await checkAccess(page, `plots, ${theme}`);
      await screenshot(page, `health-plots-${theme}`);
    }
    // Every plot shows the time at which one is looked at.
    const area = await requests.locator("svg").boundingBox();
    const { x = 0, y = 0, width = 0 } = area ?? {};
    await page.mouse.move(x + width - 2, y + 20);
    await requests.locator("figcaption .number").getByText(/\d:\d\d/).waitFor();
    await times.locator("figcaption .number").getByText(/\d:\d\d/).waitFor();
    await page.getByLabel("Time").selectOption("60");
    await page.waitForURL(/minutes=60/);
    await requests.getByText("1 h ago").waitFor();
    await page.getByRole("button", { name: "As a table" }).click();
    await page.getByRole("columnheader", {
      name: "HTTP requests that were answered",
    }).waitFor();
    await page.locator(".metric-table tbody tr").getByText("/s").first()
      .waitFor();
    await checkAccess(page, "the table of what was measured");
    await screenshot(page, "health-table");
  },
);

browserTest(
  "plots that cannot be shown say why, and come back",
  stage,
  async (scene) => {
    const { page } = scene;
    const path = "**/api/metrics/history?**";
    await page.route(
      path,
      (route) =>
        route.fulfill({ status: 500, json: { detail: "The log says why" } }),
    );
    await page.goto("/health");
    await page.getByRole("heading", { name: "Cannot show what was measured" })
      .waitFor();
    await page.unroute(path);
    await page.route(path, (route) =>
      route.fulfill({
        json: { at: 0, spanMs: 1, times: [], isEstimate: true, metrics: [] },
      }));
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("Nothing was measured yet").waitFor();
    await page.getByText("numbers are estimates").waitFor();
    await page.unrouteAll();
    forget(scene, 500);
  },
);
