/**
 * The list of components, and the page of one.
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import {
  browserTest,
  checkAccess,
  forget,
  type Scene,
  screenshot,
  stageOfFile,
} from "./_browser.ts";
import { GREETER, MARKET } from "./_market.ts";

const stage = await stageOfFile(MARKET);

/** Puts a text into the editor in place of what is there. */
async function write(page: Page, text: string): Promise<void> {
  await page.locator(".cm-content").first().click();
  await page.keyboard.press("Control+A");
  await page.keyboard.press("Delete");
  // As if pasted: nothing is closed or indented on the way.
  await page.keyboard.insertText(text);
}

async function save(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Save" }).click();
}

async function tab(page: Page, name: string): Promise<void> {
  await page.getByRole("tab", { name }).click();
}

async function greet({ api }: Scene): Promise<string> {
  const { result } = await api("/api/dynamic/components/greeter/execute", {
    method: "POST",
    body: JSON.stringify({ params: { name: "Ada" } }),
  });
  return result.greeting;
}

async function put({ api }: Scene, source: string): Promise<void> {
  await api("/api/dynamic/components/greeter", {
    method: "PUT",
    body: JSON.stringify({ source }),
  });
}

browserTest(
  "code that is changed in the page runs at the next call",
  stage,
  async (scene) => {
    const { page } = scene;
    await page.goto("/components");
    await page.getByRole("link", { name: "greeter" }).click();
    const editor = page.getByRole("textbox", { name: "Code of greeter" });
    await editor.waitFor();
    assert.equal(
      await page.getByRole("button", { name: "Save" }).isEnabled(),
      false,
    );
    await write(page, GREETER.replace("Hello", "Good morning"));
    await page.getByText("Changed, not saved").waitFor();
    await editor.press("Control+s");
    await page.getByText("The new code runs").waitFor();
    await tab(page, "Execute");
    // What the contract wants is there already.
    const params = page.getByLabel("Params");
    assert.deepEqual(JSON.parse(await params.inputValue()), { name: "" });
    await params.fill('{ "name": "Ada" ');
    await page.getByText("This is no JSON").waitFor();
    await params.fill('{ "name": "Ada" }');
    await page.getByRole("button", { name: "Execute", exact: true }).click();
    await page.getByText('"greeting": "Good morning, Ada"').waitFor();
    await page.getByText("Completed").waitFor();
    await screenshot(page, "component-execute");
    await params.fill('{ "name": 3 }');
    await page.getByRole("button", { name: "Execute", exact: true }).click();
    await page.getByText('"name" is the number 3, expected string').waitFor();
    await page.locator(".call-result").getByText("expected string").waitFor();
    forget(scene, 422);
  },
);

browserTest(
  "a type error is shown at its line, and the old code goes on",
  stage,
  async (scene) => {
    const { page } = scene;
    await put(scene, GREETER);
    await page.goto("/components/greeter");
    await page.locator(".cm-content").waitFor();
    const bad = GREETER.replace(
      "  return {",
      '  const times: number = "three";\n  return {',
    );
    await write(page, bad);
    await save(page);
    const fault = page.locator(".cm-fault");
    await fault.waitFor();
    const text = await fault.textContent();
    assert.equal(
      text,
      "7:9 Type 'string' is not assignable to type 'number' (TS2322)",
    );
    // It stands under the line that it is about.
    const above = await fault.evaluate((element) =>
      element.previousElementSibling?.textContent
    );
    assert.equal(above, '  const times: number = "three";');
    await page.getByRole("alert").getByText("one place is wrong").waitFor();
    await checkAccess(page, "a type error");
    await screenshot(page, "component-type-error");
    assert.equal(await greet(scene), "Hello, Ada");
    // What was written is still there after a look elsewhere.
    await tab(page, "Permissions");
    await page.getByText("reaches nothing outside").waitFor();
    await tab(page, "Code");
    await page.getByText("Changed, not saved").waitFor();
    await page.locator(".cm-line").getByText('"three"').waitFor();
    await page.getByRole("button", { name: "Discard" }).click();
    await page.getByText("This is what runs").waitFor();
    forget(scene, 422);
  },
);

browserTest(
  "two versions are compared, and the old one runs again",
  stage,
  async (scene) => {
    const { page } = scene;
    await put(scene, GREETER);
    await put(scene, GREETER.replace("Hello", "Good evening"));
    await page.goto("/components/greeter?tab=versions");
    const before = page.locator(".cm-merge-a .cm-changedLine");
    const after = page.locator(".cm-merge-b .cm-changedLine");
    await before.getByText("Hello, ").waitFor();
    await after.getByText("Good evening, ").waitFor();
    assert.equal(await after.count(), 1);
    await screenshot(page, "component-versions");
    const rows = page.locator(".version-table tbody tr");
    const newest = Number(
      await rows.first().locator("td").nth(2)
        .locator(".strong").textContent(),
    );
    await page.getByRole("radio", { name: `From version ${newest}` }).check();
    await page.getByRole("radio", { name: `To version ${newest - 1}` }).check();
    await page.locator(".cm-merge-a").getByText("Good evening").waitFor();
    await page.getByRole("button", { name: `Roll back to ${newest - 1}` })
      .click();
    await page.getByText(`Version ${newest - 1} runs again`).waitFor();
    assert.equal(await greet(scene), "Hello, Ada");
    await page.getByRole("radio", { name: `From version ${newest + 1}` })
      .waitFor();
    // In a narrow window both are one text.
    await page.setViewportSize({ width: 800, height: 900 });
    await page.reload();
    await page.locator(".cm-deletedChunk").first().waitFor();
  },
);

browserTest(
  "a refusal is shown with the line that grants it",
  stage,
  async (scene) => {
    const { page } = scene;
    await page.goto("/components/vendor?tab=execute");
    await page.getByRole("button", { name: "Execute", exact: true }).click();
    await page.getByText("Refused").waitFor();
    forget(scene, 403);
    await page.getByRole("tab", { name: "Permissions 1" }).click();
    await page.getByText("Wanted to reach").waitFor();
    await page.getByText("Refused once since it was started").waitFor();
    await page.getByText('net: ["api.bank.example", "metrics.vendor.example"]')
      .waitFor();
    await page.getByText("Not used since it was started").waitFor();
    await screenshot(page, "component-permissions");
    const link = page.getByRole("link", { name: "Open it in the document" });
    assert.match(
      await link.getAttribute("href") ?? "",
      /^\/d\/shop\?view=modules&node=vendor$/,
    );
    await page.getByRole("button", { name: "See when" }).click();
    await page.locator(".told-list li").getByText("vendor may not reach")
      .first().waitFor();
    assert.equal(new URL(page.url()).searchParams.get("tab"), "activity");
    await screenshot(page, "component-activity");
    await page.goto("/components");
    const row = page.getByRole("row").filter({ hasText: "vendor" });
    await row.getByText("1 host").waitFor();
  },
);

browserTest(
  "a component is sent from the page, and removed by its name",
  stage,
  async (scene) => {
    const { page, api } = scene;
    await page.goto("/components");
    await page.getByRole("button", { name: "New component" }).click();
    await page.getByLabel("Name").fill("tagger");
    await page.getByLabel("Hosts it may reach").fill("a.example, *.b.example");
    const editor = page.getByRole("textbox", { name: "Code of the new" });
    await editor.waitFor();
    await write(page, "export function execute() { return { tag: }; }");
    // Escape leaves the editor, not the sheet.
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Send" }).click();
    await page.locator(".cm-fault").getByText("1:43 ").waitFor();
    await screenshot(page, "component-new");
    await checkAccess(page, "a new component");
    forget(scene, 422);
    await page.getByRole("button", { name: "Cancel" }).click();
    // What was written is kept.
    await page.getByRole("button", { name: "New component" }).click();
    assert.equal(await page.getByLabel("Name").inputValue(), "tagger");
    await editor.waitFor();
    await write(page, 'export function execute() { return { tag: "new" }; }');
    await page.getByRole("button", { name: "Send" }).click();
    await page.waitForURL(/\/components\/tagger/);
    await page.getByText("Own host").waitFor();
    const { permissions } = await api("/api/dynamic/components/tagger");
    assert.deepEqual(permissions.net, ["a.example", "*.b.example"]);
    await page.getByRole("button", { name: "Remove" }).click();
    await page.getByRole("heading", { name: "Remove tagger?" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { name: "Remove tagger?" })
      .waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Remove" }).click();
    await page.getByRole("button", { name: "Remove tagger" }).click();
    await page.waitForURL(/\/components$/);
    const left = await api("/api/dynamic/components");
    assert.ok(!left.some(({ id }: { id: string }) => id === "tagger"));
  },
);

browserTest(
  "a component is stopped and started, and tabs go by arrows",
  stage,
  async (scene) => {
    const { page } = scene;
    await page.goto("/components/packing");
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("Stopped").waitFor();
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByText("Running").waitFor();
    await page.getByRole("tab", { name: "Code" }).focus();
    await page.keyboard.press("ArrowRight");
    assert.equal(
      await page.locator(":focus").textContent(),
      "Versions",
    );
    await page.keyboard.press("End");
    await page.getByText("What was told").waitFor();
    assert.equal(new URL(page.url()).searchParams.get("tab"), "activity");
  },
);
