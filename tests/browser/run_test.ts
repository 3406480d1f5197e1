/**
 * The page of a run: its past, and what can be done to it.
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import {
  browserTest,
  checkAccess,
  runIs,
  type Scene,
  screenshot,
  stageOfFile,
  startRun,
  THEMES,
  useTheme,
} from "./_browser.ts";
import { ORDER, REFUSED_CARD, shopDocument, startBank } from "./_shop.ts";

const stage = await stageOfFile(shopDocument(startBank()));

const WIDTHS = [1440, 1100, 800];

browserTest(
  "a failed run is scrubbed back, forked, and completes",
  stage,
  async (scene) => {
    const { page, api } = scene;
    const id = await failedOrder(scene, "ord-1");
    await page.goto(`/runs/${id}`);
    await step(page, "pay", "failed").waitFor();
    await step(page, "validate", "completed").waitFor();
    await step(page, "courier", "pending").waitFor();
    const { entries } = await api(`/api/runs/${id}/journal`);
    // To the first entry: nothing had been done then.
    await page.getByRole("slider", { name: "Play head" }).focus();
    await page.keyboard.press("Home");
    await step(page, "pay", "pending").waitFor();
    await step(page, "validate", "running").waitFor();
    await page.waitForURL(/\?at=0$/);
    // Entry by entry to where the payment was to be tried again.
    const retried = entries.findIndex(({ kind }: { kind: string }) =>
      kind === "step.failed"
    );
    for (let at = 0; at < retried; at++) {
      await page.keyboard.press(
        "ArrowRight",
      );
    }
    await step(page, "pay", "retrying").waitFor();
    await page.getByText(`Entry ${retried + 1} of ${entries.length}`).waitFor();
    await screenshot(page, "run-scrubbed");
    await page.keyboard.press("End");
    await step(page, "pay", "failed").waitFor();
    await page.getByRole("button", { name: "Fork from here" }).click();
    const dialog = page.getByRole("dialog");
    // The step that failed is what a fork is most often from.
    assert.equal(await dialog.getByLabel("From the step").inputValue(), "pay");
    const input = dialog.getByLabel("Input");
    assert.ok((await input.inputValue()).includes(REFUSED_CARD));
    await screenshot(page, "run-fork");
    await input.fill(JSON.stringify({ ...ORDER, card: "4242" }));
    await dialog.getByRole("button", { name: "Fork", exact: true }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(id));
    await step(page, "thank", "completed").waitFor();
    await step(page, "letter", "pending").waitFor();
    await page.locator(".run-head .pill.ok").waitFor();
    await page.getByRole("tab", { name: "Run", exact: true }).click();
    await page.getByText("Fork of").waitFor();
  },
);

browserTest("an instant of a run is an address", stage, async (scene) => {
  const { page } = scene;
  const id = await failedOrder(scene, "ord-2");
  await page.goto(`/runs/${id}?at=1`);
  await step(page, "validate", "completed").waitFor();
  await step(page, "pay", "pending").waitFor();
  await page.getByRole("option", { selected: true }).getByText("validate")
    .waitFor();
  await page.getByRole("button", { name: "Go to the end" }).click();
  await step(page, "pay", "failed").waitFor();
});

browserTest("the play head is dragged, and plays", stage, async (scene) => {
  const { page } = scene;
  const id = await failedOrder(scene, "ord-3");
  await page.goto(`/runs/${id}`);
  await step(page, "pay", "failed").waitFor();
  const scale = await page.locator(".timeline-scale").boundingBox();
  const head = await page.getByRole("slider").boundingBox();
  assert.ok(scale && head);
  await page.mouse.move(head.x + 12, head.y + 12);
  await page.mouse.down();
  await page.mouse.move(scale.x + scale.width / 2, scale.y + 8, { steps: 5 });
  await page.mouse.move(scale.x + 1, scale.y + 8, { steps: 5 });
  await page.mouse.up();
  await step(page, "pay", "pending").waitFor();
  await page.getByLabel("How fast to play").selectOption("3");
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await page.getByRole("button", { name: "Pause" }).waitFor();
  await step(page, "pay", "retrying").waitFor();
  await step(page, "pay", "failed").waitFor();
  await page.getByRole("button", { name: "Play", exact: true }).waitFor();
});

browserTest(
  "a step shows what it was given, and what it came to",
  stage,
  async (scene) => {
    const { page } = scene;
    const id = await startRun(scene, "order", { ...ORDER, order: "ord-4" });
    await runIs(scene, id, "completed");
    await page.goto(`/runs/${id}`);
    await step(page, "pay", "completed").click();
    const panel = page.getByRole("tabpanel");
    await panel.getByRole("heading", { name: "pay" }).waitFor();
    // The input is worked out in the browser, as the engine did.
    await panel.getByText('"4242"').first().waitFor();
    await panel.getByText("144", { exact: true }).first().waitFor();
    await panel.getByText('"pay-1"').waitFor();
    await page.getByRole("tab", { name: "Logs" }).click();
    await panel.getByText("Order ord-4 is on its way").waitFor();
    await page.getByRole("tab", { name: "Explain" }).click();
    await panel.getByText(/It has completed at/).waitFor();
  },
);

browserTest(
  "a run that waits for a decision is approved",
  stage,
  async (scene) => {
    const { page, api } = scene;
    const id = await startRun(scene, "refund", { amount: 25 });
    await page.goto(`/runs/${id}`);
    await step(page, "decide", "waiting").waitFor();
    await page.getByRole("tab", { name: "Explain" }).click();
    await page.getByText(/waits for a decision/).last().waitFor();
    await page.getByRole("button", { name: "Approve" }).click();
    const dialog = page.getByRole("dialog", { name: "Refund 25?" });
    await screenshot(page, "run-decide");
    await dialog.getByLabel("Comment").fill("Fine");
    await dialog.getByRole("button", { name: "Approve" }).click();
    // Nobody reloads the page: it follows the journal.
    await step(page, "done", "completed").waitFor();
    await page.locator(".run-head .pill.ok").waitFor();
    const { output } = await api(`/api/runs/${id}`);
    assert.deepEqual(output, { approved: true });
  },
);

browserTest(
  "a run that waits for a decision is rejected",
  stage,
  async (scene) => {
    const { page, api } = scene;
    const id = await startRun(scene, "refund", { amount: 26 });
    await page.goto(`/runs/${id}`);
    await page.getByRole("button", { name: "Reject" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Reject" })
      .click();
    await step(page, "done", "completed").waitFor();
    const { output } = await api(`/api/runs/${id}`);
    assert.deepEqual(output, { approved: false });
  },
);

browserTest(
  "a run that waits for a signal is sent it",
  stage,
  async (scene) => {
    const { page, api } = scene;
    const id = await startRun(scene, "delivery");
    await page.goto(`/runs/${id}`);
    await step(page, "fetched", "waiting").waitFor();
    // The name is known once the run is explained.
    await page.locator(".run-actions .primary").waitFor();
    await page.getByRole("button", { name: "Signal", exact: true }).click();
    assert.equal(await page.getByLabel("Name").inputValue(), "fetched");
    await page.getByLabel("Data").fill('{ "by": "Ada" }');
    await page.getByRole("button", { name: "Send signal" }).click();
    await step(page, "close", "completed").waitFor();
    const { output } = await api(`/api/runs/${id}`);
    assert.deepEqual(output, { by: "Ada" });
  },
);

browserTest("a run is cancelled, with a reason", stage, async (scene) => {
  const { page } = scene;
  const id = await startRun(scene, "reminder");
  await page.goto(`/runs/${id}`);
  await page.getByRole("button", { name: "Cancel run" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("Not needed any more");
  await dialog.getByRole("button", { name: "Cancel run" }).click();
  await page.locator(".run-head .pill").getByText("Cancelled").waitFor();
  await page.getByRole("tab", { name: "Run", exact: true }).click();
  await page.getByRole("tabpanel").getByText("Not needed any more").waitFor();
});

browserTest(
  "a run that stands at a breakpoint goes on",
  stage,
  async (scene) => {
    const { page, api } = scene;
    const { id: breakpoint } = await api("/api/debug/breakpoints", {
      method: "POST",
      body: JSON.stringify({ pipeline: "delivery", step: "pack" }),
    });
    const id = await startRun(scene, "delivery");
    await runIs(scene, id, "paused");
    await api(`/api/debug/breakpoints/${breakpoint}/disable`, {
      method: "POST",
    });
    await page.goto(`/runs/${id}`);
    await step(page, "pack", "paused").waitFor();
    await page.locator(".run-head .pill").getByText("Paused").waitFor();
    await screenshot(page, "run-paused");
    await page.getByRole("button", { name: "Do one step" }).click();
    await step(page, "pack", "completed").waitFor();
    await step(page, "fetched", "paused").waitFor();
    await page.getByRole("button", { name: "Continue" }).click();
    await step(page, "fetched", "waiting").waitFor();
  },
);

browserTest(
  "a run is looked at with the keyboard alone",
  stage,
  async (scene) => {
    const { page } = scene;
    const id = await failedOrder(scene, "ord-5");
    await page.goto(`/runs/${id}`);
    await step(page, "pay", "failed").waitFor();
    await page.keyboard.press("ArrowLeft");
    await page.getByText(/^Entry \d+ of/).waitFor();
    await page.keyboard.press("Home");
    await step(page, "validate", "running").waitFor();
    await tabTo(page, ".step-card[data-path=checks]");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "checks" }).waitFor();
    await tabTo(page, "[role=tab]");
    await page.keyboard.press("ArrowRight");
    assert.equal(
      await page.locator("[role=tab]:focus").textContent(),
      "Run",
    );
    await tabTo(page, ".journal");
    await page.keyboard.press("End");
    await step(page, "pay", "failed").waitFor();
    await page.keyboard.press("Shift+Tab");
    await page.goto(`/runs/${id}`);
    await tabTo(page, ".run-actions button");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  },
);

browserTest(
  "a run that is not there is said not to be",
  stage,
  async (scene) => {
    const { page, faults } = scene;
    await page.goto("/runs/01AAAAAAAAAAAAAAAAAAAAAAAA");
    await page.getByText("No run is called").waitFor();
    await screenshot(page, "run-missing");
    assert.ok(faults.every((fault) => fault.includes("404")));
    faults.splice(0);
  },
);

browserTest("a run can be looked at by everybody", stage, async (scene) => {
  const { page } = scene;
  const failed = await failedOrder(scene, "ord-6");
  const waiting = await startRun(scene, "refund", { amount: 27 });
  for (const path of [`/runs/${failed}`, `/runs/${waiting}`]) {
    await page.goto(path);
    await page.locator(".run-page").waitFor();
    for (const theme of THEMES) {
      await useTheme(page, theme);
      for (const tab of ["Step", "Run", "Logs", "Explain"]) {
        await page.getByRole("tab", { name: tab, exact: true }).click();
        await checkAccess(page, `${path}, ${tab}, ${theme}`);
      }
    }
    await page.getByRole("button", { name: "Fork from here" }).click();
    await checkAccess(page, `${path}, fork`);
  }
  for (const theme of THEMES) {
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(`/runs/${failed}?at=6`);
      await page.locator(".run-page").waitFor();
      await useTheme(page, theme);
      await screenshot(page, `run-${theme}-${width}`);
    }
  }
});

/** An order whose payment the bank has refused. */
async function failedOrder(scene: Scene, order: string): Promise<string> {
  const input = { ...ORDER, order, card: REFUSED_CARD };
  const id = await startRun(scene, "order", input);
  await runIs(scene, id, "failed");
  return id;
}

/** A step in the diagram, as it is or was. */
function step(page: Page, path: string, status: string) {
  return page.locator(
    `.step-card[data-path="${path}"][data-status="${status}"]`,
  );
}

/** Presses Tab until something has the focus. */
async function tabTo(page: Page, selector: string): Promise<void> {
  const focused = page.locator(`${selector}:focus`);
  for (let tabs = 0; tabs < 60; tabs++) {
    await page.keyboard.press("Tab");
    if (await focused.count() > 0) return;
  }
  throw new Error(`Tab never comes to ${selector}`);
}
