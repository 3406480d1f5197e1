/**
 * Several documents in one page: what stays of one while another is shown, and how
 * documents are opened, made and closed.
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
  THEMES,
  TOKEN,
  until,
} from "./_browser.ts";

const SHOP = `# A shop.
modules:
  - name: web
    type: http.server
    config: { address: "127.0.0.1:0" }
  - name: router
    type: http.router

pipelines:
  greet:
    steps:
      - { id: first, use: set, with: { values: { a: 1 } } }
`;

const DEPOT = `# A depot.
modules:
  - name: gate
    type: http.router
  - name: guard
    type: http.middleware.cors
`;

const stage = await stageOfFile(SHOP, {
  "depot.yaml": DEPOT,
  "office.yaml": "modules:\n  - { name: desk, type: http.router }\n",
});

const node = (page: Page, name: string) =>
  page.locator(`.react-flow__node[data-id="${name}"]`);

const tabs = (page: Page) =>
  page.getByRole("navigation", { name: "Documents" });

const tab = (page: Page, name: string) =>
  tabs(page).getByRole("link", { name, exact: false }).filter({
    hasText: name,
  });

/** Opens documents one after the other; the last one is shown. */
async function open(
  { page }: Pick<Scene, "page">,
  first: string,
  ...others: readonly string[]
): Promise<void> {
  await page.goto(`/d/${first}`);
  await page.locator(".react-flow__node").first().waitFor();
  for (const id of others) {
    await page.getByRole("button", { name: "Open or make a document" }).click();
    await page.locator(".add-tab ul").getByRole("button", { name: id }).click();
    await tabs(page).locator("[aria-current]", { hasText: id }).waitFor();
    await page.locator(".react-flow__node").first().waitFor();
  }
}

/** Adds a module to what is shown. */
async function add(page: Page, label: RegExp, name: string): Promise<void> {
  await page.locator(".palette button", { hasText: label }).click();
  await node(page, name).waitFor();
}

const names = (page: Page) => tabs(page).getByRole("link").allInnerTexts();

const path = (page: Page) => {
  const { pathname, search } = new URL(page.url());
  return pathname + search;
};

async function savedText({ origin }: Scene, id: string): Promise<string> {
  const answer = await fetch(`${origin}/api/documents/${id}`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  return await answer.text();
}

const draft = (page: Page, id: string) =>
  page.evaluate((key) => sessionStorage.getItem(key), `draft ${id}`);

browserTest(
  "text, history, choice, view and zoom of a document stay while another is shown",
  stage,
  async (scene) => {
    const { page } = scene;
    await open(scene, "shop", "depot");
    await tab(page, "shop").click();
    await add(page, /^CORS$/, "cors");
    const zoom = page.getByRole("toolbar", { name: "Canvas" }).getByText("%");
    const before = await zoom.innerText();
    await page.getByRole("button", { name: "Zoom in" }).click();
    await until("it is nearer", async () => await zoom.innerText() !== before);
    const near = await zoom.innerText();
    await tab(page, "depot").click();
    await node(page, "guard").waitFor();
    assert.equal(await page.locator(".react-flow").count(), 1);
    assert.equal(path(page), "/d/depot");
    await page.getByText("Nothing is chosen").waitFor();
    await page.getByRole("button", { name: /^Undo$/ }).waitFor();
    await tab(page, "shop").click();
    await node(page, "cors").waitFor();
    assert.equal(path(page), "/d/shop?node=cors");
    await page.locator(".inspector").getByText("middleware.cors").waitFor();
    await until("it is as near", async () => await zoom.innerText() === near);
    await page.getByRole("button", { name: "Undo: Add cors" }).click();
    await node(page, "cors").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Redo: Add cors" }).click();
    await node(page, "cors").waitFor();
    await page.getByRole("button", { name: "greet" }).click();
    await tab(page, "depot").click();
    await node(page, "guard").waitFor();
    await tab(page, "shop").click();
    await page.locator(".react-flow__node", { hasText: "first" }).waitFor();
    assert.match(path(page), /^\/d\/shop\?view=pipeline%3Agreet/);
  },
);

browserTest(
  "back and forward go from document to document, with what was chosen",
  stage,
  async (scene) => {
    const { page } = scene;
    await open(scene, "shop", "depot");
    await node(page, "gate").click();
    await page.waitForURL("**/d/depot?node=gate");
    await tab(page, "shop").click();
    await node(page, "router").waitFor();
    await page.goBack();
    await page.locator(".inspector").getByText("gate").first().waitFor();
    assert.equal(path(page), "/d/depot?node=gate");
    assert.equal(await page.title(), "depot · Workflow");
    await page.goBack();
    await node(page, "router").waitFor();
    assert.equal(path(page), "/d/shop");
    await page.goForward();
    await node(page, "gate").waitFor();
    await page.getByRole("button", { name: "Close depot" }).click();
    await node(page, "router").waitFor();
    // What was closed is opened again by the way back.
    await page.goBack();
    await node(page, "gate").waitFor();
    assert.deepEqual(await names(page), ["shop", "depot"]);
  },
);

browserTest(
  "loading the page again brings back the tabs and what is not saved",
  stage,
  async (scene) => {
    const { page, origin } = scene;
    await open(scene, "shop", "depot");
    await add(page, /^Logging$/, "logging");
    await tab(page, "shop").click();
    await node(page, "router").waitFor();
    const asked: string[] = [];
    page.on("request", (request) => {
      if (!request.url().startsWith(`${origin}/api/documents/`)) return;
      asked.push(request.url().slice(`${origin}/api/documents/`.length));
    });
    await page.reload();
    await node(page, "router").waitFor();
    assert.deepEqual(await names(page), ["shop", "depot"]);
    // A document that is not shown is not asked for, and its draft is known.
    assert.deepEqual([...new Set(asked)].sort(), ["shop", "shop/layout"]);
    await tab(page, "depot").getByLabel("Not saved").waitFor();
    await tab(page, "depot").click();
    await node(page, "logging").waitFor();
    // An address opens its document beside the tabs that were there.
    await page.goto("/d/office?node=desk");
    await page.locator(".inspector").getByText("desk").first().waitFor();
    assert.deepEqual(await names(page), ["shop", "depot", "office"]);
    // The area of the builder leads to what was shown last.
    await page.goto("/runs");
    await page.getByRole("link", { name: "Builder" }).click();
    await node(page, "desk").waitFor();
    assert.equal(path(page), "/d/office");
  },
);

browserTest(
  "closing a document asks by its name, but only if something would be lost",
  stage,
  async (scene) => {
    const { page } = scene;
    await open(scene, "shop", "depot", "office");
    await tab(page, "depot").click();
    await add(page, /^Logging$/, "logging");
    await tab(page, "office").click();
    await node(page, "desk").waitFor();
    await page.getByRole("button", { name: "Close office" }).click();
    await node(page, "logging").waitFor();
    assert.deepEqual(await names(page), ["shop", "depot"]);
    await tab(page, "shop").click();
    await tab(page, "depot").hover();
    await page.getByRole("button", { name: "Close depot" }).click();
    const dialog = page.getByRole("dialog", { name: "Close depot?" });
    await dialog.waitFor();
    await node(page, "logging").waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    assert.notEqual(await draft(page, "depot"), null);
    await page.getByRole("button", { name: "Close depot" }).click();
    await dialog.getByRole("button", { name: "Close without saving" }).click();
    await node(page, "router").waitFor();
    assert.deepEqual(await names(page), ["shop"]);
    assert.equal(await draft(page, "depot"), null);
    await open(scene, "shop", "depot");
    await node(page, "gate").waitFor();
    assert.equal(await node(page, "logging").count(), 0);
  },
);

browserTest(
  "the keyboard goes along the tabs, opens one and closes one",
  stage,
  async (scene) => {
    const { page } = scene;
    await open(scene, "shop", "depot", "office");
    await tab(page, "office").focus();
    const focused = () =>
      page.evaluate(() => document.activeElement?.getAttribute("title"));
    await page.keyboard.press("ArrowRight");
    assert.equal(await focused(), "shop");
    await page.keyboard.press("End");
    assert.equal(await focused(), "office");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Enter");
    await node(page, "gate").waitFor();
    assert.equal(await focused(), "depot");
    await page.keyboard.press("Delete");
    await node(page, "desk").waitFor();
    assert.deepEqual(await names(page), ["shop", "office"]);
    await until("the focus follows", async () => await focused() === "office");
    await page.keyboard.press("Delete");
    await node(page, "router").waitFor();
    await until("the focus follows", async () => await focused() === "shop");
    await page.keyboard.press("Delete");
    await page.getByRole("heading", { name: "Begin" }).waitFor();
    assert.equal(path(page), "/");
    await page.reload();
    await page.getByRole("heading", { name: "Begin" }).waitFor();
    await page.getByRole("link", { name: "depot" }).click();
    await node(page, "gate").waitFor();
  },
);

browserTest(
  "what is copied in one document is pasted into another",
  stage,
  async (scene) => {
    const { page, context } = scene;
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await open(scene, "depot", "shop");
    await tab(page, "depot").click();
    await node(page, "guard").click();
    await page.keyboard.press("Control+c");
    await tab(page, "shop").click();
    await node(page, "router").waitFor();
    await page.keyboard.press("Control+v");
    await node(page, "guard").waitFor();
    assert.match(await draft(page, "shop") ?? "", /name: guard/);
    assert.equal(await draft(page, "depot"), null);
  },
);

browserTest(
  "a document that is closed leaves nothing behind, and a hidden one asks nothing",
  stage,
  async (scene) => {
    const { page, origin } = scene;
    // A store is known by what only it has; the page itself keeps none.
    await page.addInitScript(() => {
      const { add } = WeakSet.prototype;
      const seen: WeakRef<WeakKey>[] = [];
      Object.assign(globalThis, { seen });
      WeakSet.prototype.add = function (value) {
        if (Object.hasOwn(Object(value), "viewports")) {
          seen.push(new WeakRef(value));
        }
        return add.call(this, value);
      };
    });
    const alive = async () => {
      await page.requestGC();
      return await page.evaluate(() => {
        const { seen } = globalThis as unknown as {
          readonly seen: readonly WeakRef<{ readonly id: string }>[];
        };
        return seen.flatMap((one) => one.deref()?.id ?? []).sort();
      });
    };
    await open(scene, "shop", "depot");
    await add(page, /^Logging$/, "logging");
    await tab(page, "shop").click();
    await node(page, "router").waitFor();
    assert.deepEqual(await alive(), ["depot", "shop"]);
    const asked = new Set<string>();
    page.on("request", (one) => asked.add(one.url().slice(origin.length)));
    await tab(page, "depot").hover();
    await page.getByRole("button", { name: "Close depot" }).click();
    await page.getByRole("button", { name: "Close without saving" }).click();
    await node(page, "router").waitFor();
    await until("it is let go", async () => String(await alive()) === "shop");
    asked.clear();
    await page.waitForResponse("**/api/workflow/status");
    assert.deepEqual([...asked].filter((each) => each.includes("depot")), []);
  },
);

browserTest(
  "two windows on one document: each tab says that somebody else was faster",
  stage,
  async (scene) => {
    const { page, context } = scene;
    await open(scene, "shop", "office");
    await add(page, /^Logging$/, "logging");
    await tab(page, "shop").click();
    await node(page, "router").waitFor();
    const other = await context.newPage();
    await open({ page: other }, "office");
    await add(other, /^CORS$/, "cors");
    await other.keyboard.press("Control+s");
    await other.getByLabel("Not saved").waitFor({ state: "detached" });
    // Even what was loaded again since then is not saved over theirs.
    await page.reload();
    await tab(page, "office").click();
    await node(page, "logging").waitFor();
    await page.keyboard.press("Control+s");
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Somebody else has changed the document").waitFor();
    forget(scene, 412);
    assert.match(await savedText(scene, "office"), /middleware\.cors/);
    await dialog.getByRole("button", { name: "Take theirs" }).click();
    await node(page, "cors").waitFor();
    await tab(page, "shop").click();
    await node(page, "router").waitFor();
    assert.equal(await page.getByRole("dialog").count(), 0);
    await other.close();
  },
);

browserTest(
  "ten tabs scroll, and the shown one is in view",
  stage,
  async (scene) => {
    const { page, api } = scene;
    const ids = Array.from(
      { length: 10 },
      (_, index) => `a-document-with-a-long-name-that-is-cut-off-${index}`,
    );
    for (const id of ids) {
      await api(`/api/documents/${id}`, {
        method: "PUT",
        headers: { "if-none-match": "*" },
        body: "modules:\n  - { name: only, type: http.router }\n",
      });
    }
    await open(scene, "shop", ...ids);
    const strip = await tabs(page).boundingBox();
    const last = await tab(page, ids.at(-1) ?? "").boundingBox();
    assert.ok(strip && last && last.width < 220);
    assert.ok(last.x + last.width <= strip.x + strip.width + 1);
    assert.ok(await page.getByRole("button", { name: "Deploy" }).isVisible());
    await page.setViewportSize({ width: 900, height: 700 });
    await screenshot(page, "tabs-ten");
    await checkAccess(page, "ten tabs");
  },
);

browserTest(
  "a new document is named, filled, saved, and in the list",
  stage,
  async (scene) => {
    const { page, api } = scene;
    await open(scene, "shop");
    await page.getByRole("button", { name: "Open or make a document" }).click();
    await page.getByRole("button", { name: "New document" }).click();
    const dialog = page.getByRole("dialog", { name: "New document" });
    const name = dialog.getByRole("textbox", { name: "Name" });
    await dialog.getByRole("button", { name: "Create" }).click();
    await dialog.getByText("A document needs a name").waitFor();
    for (const [wrong, words] of REFUSED) {
      await name.fill(wrong);
      await dialog.getByText(words).waitFor();
      await name.press("Enter");
      assert.ok(await dialog.isVisible());
    }
    await name.fill("branch");
    await name.press("Enter");
    await page.getByText("No modules yet").waitFor();
    assert.equal(path(page), "/d/branch");
    await add(page, /^CORS$/, "cors");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByLabel("Not saved").waitFor({ state: "detached" });
    assert.equal(
      await savedText(scene, "branch"),
      "modules:\n  - name: cors\n    type: http.middleware.cors\n",
    );
    const list: { readonly id: string }[] = await api("/api/documents");
    assert.ok(list.some(({ id }) => id === "branch"));
    const log = JSON.stringify(await api("/api/audit"));
    assert.match(log, /"PUT","path":"\/api\/documents\/branch","status":201/);
  },
);

const REFUSED = [
  ["shop", "There is a “shop” already"],
  ["Shop", "There is a “shop” already"],
  ["../shop", /^A document's name begins with a letter/],
] as const;

browserTest(
  "a name that somebody else takes meanwhile is refused at the field",
  stage,
  async (scene) => {
    const { page, api } = scene;
    await open(scene, "shop");
    await page.getByRole("button", { name: "Open or make a document" }).click();
    await page.getByRole("button", { name: "New document" }).click();
    const dialog = page.getByRole("dialog", { name: "New document" });
    await dialog.getByRole("textbox").fill("late");
    await api("/api/documents/late", {
      method: "PUT",
      headers: { "if-none-match": "*" },
      body: "modules: []\n",
    });
    await dialog.getByRole("button", { name: "Create" }).click();
    await dialog.getByText('There is a "late" already').waitFor();
    forget(scene, 412);
  },
);

for (const theme of THEMES) {
  browserTest(`the tabs are accessible in ${theme}`, stage, async (scene) => {
    const { page } = scene;
    await open(scene, "shop", "depot");
    await add(page, /^Logging$/, "logging");
    await checkAccess(page, "two tabs");
    await page.getByRole("button", { name: "Open or make a document" }).click();
    await page.getByRole("button", { name: "New document" }).click();
    await page.getByRole("dialog").getByRole("textbox").fill("depot");
    await page.getByText("There is a “depot” already").waitFor();
    await checkAccess(page, "a new document");
    await screenshot(page, `tabs-new-${theme}`);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Close depot" }).click();
    await page.getByRole("dialog", { name: "Close depot?" }).waitFor();
    await checkAccess(page, "the question before closing");
  }, { theme });
}
