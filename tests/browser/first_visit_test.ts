/**
 * The builder of an engine that was started on an empty folder.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import {
  browserTest,
  checkAccess,
  forget,
  screenshot,
  stageOfNothing,
  THEMES,
} from "./_browser.ts";

const stage = await stageOfNothing();

for (const theme of THEMES) {
  browserTest(
    `the first visit offers three ways to begin, in ${theme}`,
    stage,
    async ({ page, api }) => {
      assert.deepEqual(await api("/api/documents"), []);
      await page.goto("/");
      await page.getByRole("heading", { name: "Make the first document" })
        .waitFor();
      const ways = page.locator(".ways button");
      assert.deepEqual(await ways.locator("strong").allInnerTexts(), [
        "A working example",
        "An empty document",
        "A file of yours",
      ]);
      await checkAccess(page, "the first visit");
      await screenshot(page, `first-visit-${theme}`);
      await page.setViewportSize({ width: 800, height: 900 });
      await screenshot(page, `first-visit-${theme}-narrow`);
    },
    { theme },
  );
}

browserTest(
  "the working example is deployed, answers, and is kept as a file",
  stage,
  async ({ page, api }) => {
    await page.goto("/");
    await page.getByRole("button", { name: /^A working example/ }).click();
    const dialog = page.getByRole("dialog", { name: "New document" });
    await dialog.getByRole("textbox").press("Enter");
    await page.locator('.react-flow__node[data-id="notes"]').waitFor();
    // A port that is free, whatever runs beside the test.
    await page.locator('.react-flow__node[data-id="web"]').click();
    const address = page.getByRole("textbox", { name: "Address" });
    await address.fill("127.0.0.1:0");
    await address.press("Tab");
    await page.getByLabel("Not saved").waitFor();
    await page.getByRole("button", { name: "Deploy" }).click();
    const deploying = page.getByRole("dialog", { name: "Deploy notes" });
    await deploying.getByText("It does not run yet").waitFor();
    await deploying.getByRole("button", { name: "Deploy" }).click();
    await deploying.waitFor({ state: "detached" });
    await page.getByText("Running · 3 modules").waitFor();
    const { addresses } = await api("/api/workflow/status");
    const answer = await fetch(new URL("/notes", addresses[0]), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ id: "n1", text: "Buy milk" }),
    });
    assert.equal(answer.status, 201);
    await answer.body?.cancel();
    const [running] = (await api("/api/documents")).filter((
      { running }: { readonly running: boolean },
    ) => running);
    assert.equal(running.id, "notes");
    assert.equal(running.origin, "file");
  },
);

browserTest(
  "a file with errors is taken in as a change that is not saved",
  stage,
  async (scene) => {
    const { page } = scene;
    await page.goto("/d/notes");
    await page.getByRole("button", { name: "Close notes" }).click();
    await page.getByRole("link", { name: "notes Running" }).waitFor();
    await page.getByRole("button", { name: /^A file of yours/ }).click();
    const dialog = page.getByRole("dialog", { name: "New document" });
    await dialog.getByLabel("File to begin with").setInputFiles({
      name: "my shop.json",
      mimeType: "application/json",
      buffer: Buffer.from('{"modules":[{"name":"only","type":"http.rooter"}]}'),
    });
    assert.equal(await dialog.getByRole("textbox").inputValue(), "my-shop");
    await dialog.getByRole("button", { name: "Create" }).click();
    await page.locator('.react-flow__node[data-id="only"]').waitFor();
    await page.getByLabel("Not saved").waitFor();
    await page.getByText("1 error", { exact: true }).waitFor();
    // The engine refused the text before the document was made without it.
    forget(scene, 422);
  },
);
