/**
 * Groups on the canvas, modules by category, and what the palette remembers: none
 * of it is in the text of the document.
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import {
  browserTest,
  checkAccess,
  type Scene,
  screenshot,
  stageOfFile,
  THEMES,
  TOKEN,
  until,
  useTheme,
} from "./_browser.ts";

const DOCUMENT = `# A shop that tells others of orders.
modules:
  - { name: web, type: http.server, config: { address: "127.0.0.1:0" } }
  - { name: router, type: http.router }
  - name: hello # says so
    type: http.handler
  - { name: broker, type: messaging.broker }
  - { name: told, type: messaging.handler }
workflows:
  http:
    routes:
      - { method: GET, path: /hello, handler: hello }
  messaging:
    subscriptions:
      - { topic: orders, handler: told }
`;

const stage = await stageOfFile(DOCUMENT);

/** Opens the document, of which nothing is placed or grouped. */
async function open({ page, origin }: Scene): Promise<void> {
  const answer = await fetch(`${origin}/api/documents/shop/layout`, {
    method: "PUT",
    headers: { authorization: `Bearer ${TOKEN}` },
    body: "{}",
  });
  assert.equal(answer.status, 204);
  await page.goto("/d/shop");
  await page.locator(".react-flow__node").first().waitFor();
  await page.locator(".cm-content").waitFor();
}

const node = (page: Page, id: string) =>
  page.locator(`.react-flow__node[data-id="${id}"]`);

const box = (page: Page) => page.locator(".react-flow__node-box");

const layoutOf = ({ api }: Scene) => api("/api/documents/shop/layout");

/** Chooses several cards, as with a pointer and a key. */
async function choose(page: Page, ...names: string[]): Promise<void> {
  await page.keyboard.down("Control");
  // The canvas takes the key with its next frames.
  await drawn(page);
  for (const name of names) {
    await node(page, name).click({ position: { x: 20, y: 8 } });
  }
  await page.keyboard.up("Control");
  const chosen = page.locator(".react-flow__node .chosen");
  await until(
    "all are chosen",
    async () => await chosen.count() === names.length,
  );
}

/** Where something is on the canvas, in its units. */
async function at(page: Page, id: string): Promise<[number, number]> {
  const transform = await node(page, id).evaluate((element) =>
    (element as HTMLElement).style.transform
  );
  const [x, y] = [...transform.matchAll(/-?[\d.]+/g)].map(Number);
  assert.ok(x !== undefined && y !== undefined, transform);
  return [x, y];
}

/** The canvas has drawn what it has got. */
function drawn(page: Page): Promise<unknown> {
  return page.evaluate(() =>
    new Promise((resolve) =>
      requestAnimationFrame(() => requestAnimationFrame(resolve))
    )
  );
}

/** Drags something by its upper left corner, once it stands still. */
async function drag(page: Page, id: string, by: number): Promise<void> {
  const corner = async () => {
    await drawn(page);
    return await node(page, id).boundingBox();
  };
  await until("it stands still", async () => {
    const [before, after] = [await corner(), await corner()];
    return before?.x === after?.x && before?.y === after?.y;
  });
  const { x, y } = await corner() ?? { x: 0, y: 0 };
  await page.mouse.move(x + 5, y + 5);
  await page.mouse.down();
  await page.mouse.move(x + 5 + by, y + 5 + by, { steps: 8 });
  await page.mouse.up();
}

/** The text is as it was saved: there is neither a draft nor another file. */
async function assertSameText({ page, origin }: Scene): Promise<void> {
  const draft = await page.evaluate(() => sessionStorage.getItem("draft shop"));
  assert.equal(draft, null);
  const answer = await fetch(`${origin}/api/documents/shop`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  assert.equal(await answer.text(), DOCUMENT);
}

/** Takes back everything, and waits until there are no groups. */
async function undoAll(scene: Scene): Promise<void> {
  const undo = scene.page.getByRole("button", { name: /^Undo/ });
  while (await undo.isEnabled()) await undo.click();
  await until(
    "no group is kept",
    async () => (await layoutOf(scene)).groups.length === 0,
  );
}

browserTest(
  "two cards are grouped, moved as one, ungrouped, and all of it is taken back",
  stage,
  async (scene) => {
    const { page } = scene;
    await open(scene);
    await choose(page, "web", "router");
    await page.keyboard.press("g");
    await page.locator(".group-box input:focus").waitFor();
    await page.keyboard.type("Front");
    const panel = page.locator(".inspector");
    await panel.getByText("2 modules").waitFor();
    assert.equal(await panel.getByLabel("Title").inputValue(), "Front");
    const id = await box(page).getAttribute("data-id");
    assert.ok(id);
    const places = () =>
      Promise.all([id, "web", "router", "hello"].map((one) => at(page, one)));
    const before = await places();
    await drag(page, id, 48);
    await until(
      "it has moved",
      async () => String(await places()) !== String(before),
    );
    const moved = (await places()).map(([x, y], index) => {
      const [left = 0, top = 0] = before[index] ?? [];
      return [Math.round(x - left), Math.round(y - top)];
    });
    const [[right = 0, down = 0] = []] = moved;
    assert.ok(right > 20 && down > 20, String(moved));
    const by = [right, down];
    assert.deepEqual(moved, [by, by, by, [0, 0]]);
    await page.getByRole("button", { name: "Undo: Move" }).click();
    await until(
      "all is back",
      async () => String(await places()) === String(before),
    );
    await page.getByRole("button", { name: "Redo" }).click();
    await until("it is kept", async () => {
      const { groups, views } = await layoutOf(scene);
      return groups[0]?.title === "Front" && views.modules?.web !== undefined;
    });
    const { groups, views } = await layoutOf(scene);
    assert.deepEqual(groups[0].members, ["web", "router"]);
    assert.deepEqual(
      Object.keys(views.modules).sort(),
      ["broker", "hello", "router", "told", "web"],
    );
    await page.reload();
    await box(page).waitFor();
    assert.equal(
      await page.getByLabel("Title of the group").inputValue(),
      "Front",
    );
    await assertSameText(scene);
    await box(page).click({ position: { x: 4, y: 4 } });
    await page.keyboard.press("Shift+G");
    await box(page).waitFor({ state: "detached" });
    await page.getByText("2 modules are chosen").waitFor();
    await page.getByRole("button", { name: "Undo: Ungroup" }).click();
    await box(page).waitFor();
    await box(page).click({ position: { x: 4, y: 4 } });
    await page.locator(".inspector").getByRole("button", { name: "Ungroup" })
      .click();
    await until(
      "no group is kept",
      async () => (await layoutOf(scene)).groups.length === 0,
    );
    await assertSameText(scene);
  },
);

browserTest(
  "the keyboard alone reaches a group, moves it, and removes no module with it",
  stage,
  async (scene) => {
    const { page } = scene;
    await open(scene);
    await choose(page, "broker", "told");
    await page.keyboard.press("g");
    await page.locator(".group-box input:focus").waitFor();
    await page.keyboard.press("Escape");
    await page.locator(".react-flow__node-box:focus").waitFor();
    await page.getByRole("group", { name: "Group, 2 modules" }).waitFor();
    const [before] = await at(page, "told");
    await page.keyboard.press("Shift+ArrowRight");
    await until(
      "it has moved",
      async () => (await at(page, "told"))[0] > before,
    );
    await page.keyboard.press("Delete");
    await box(page).waitFor({ state: "detached" });
    await node(page, "told").waitFor();
    await undoAll(scene);
    await assertSameText(scene);
  },
);

browserTest(
  "a renamed module stays in its group, a removed one leaves it, undo brings it back",
  stage,
  async (scene) => {
    const { page } = scene;
    await open(scene);
    await choose(page, "broker", "told");
    await page.keyboard.press("g");
    await page.locator(".group-box input:focus").waitFor();
    const members = async () => (await layoutOf(scene)).groups[0]?.members;
    await page.locator(".members button", { hasText: "told" }).click();
    const name = page.getByLabel("Name", { exact: true });
    await name.fill("teller");
    await name.press("Enter");
    await until(
      "it is renamed",
      async () => String(await members()) === "broker,teller",
    );
    await page.getByRole("button", { name: "Remove" }).click();
    await until("it is out", async () => String(await members()) === "broker");
    await page.getByRole("button", { name: "Undo: Remove teller" }).click();
    await until(
      "it is in again",
      async () => String(await members()) === "broker,teller",
    );
    await undoAll(scene);
    await assertSameText(scene);
  },
);

browserTest(
  "modules by category: ties are merged, and nothing of the other view is moved",
  stage,
  async (scene) => {
    const { page } = scene;
    await open(scene);
    await page.getByRole("button", { name: "Tidy" }).click();
    await until("places are kept", async () => {
      const { x, y } = (await layoutOf(scene)).views.modules?.web ?? {};
      return String([x, y]) === String(await at(page, "web"));
    });
    const { modules } = (await layoutOf(scene)).views;
    await page.getByRole("button", { name: "By category" }).click();
    await page.waitForURL(/view=containers/);
    const containers = page.locator(".react-flow__node-container");
    await until(
      "there is one of each",
      async () => await containers.count() === 2,
    );
    await containers.getByText("3 modules").waitFor();
    await containers.getByText("2 modules").waitFor();
    assert.equal(await page.locator(".react-flow__node-module").count(), 0);
    const http = "container:HTTP";
    await drag(page, http, 60);
    await until(
      "it is kept",
      async () =>
        (await layoutOf(scene)).views.containers?.[http] !== undefined,
    );
    await node(page, http).getByRole("button", { name: "HTTP" }).click();
    await node(page, "hello").waitFor();
    await page.getByRole("button", { name: "Show all" }).click();
    await drag(page, "hello", 40);
    await until(
      "it is kept",
      async () => (await layoutOf(scene)).views.containers?.hello !== undefined,
    );
    await page.locator(".inspector").getByText("http.handler").waitFor();
    assert.deepEqual((await layoutOf(scene)).views.modules, modules);
    await assertSameText(scene);
    await page.reload();
    await node(page, "hello").waitFor();
    await page.getByRole("button", { name: "By category", pressed: true })
      .click();
    await page.waitForURL((url) => !url.searchParams.has("view"));
    await node(page, "told").waitFor();
    assert.equal(await containers.count(), 0);
  },
);

browserTest(
  "favourites and shut categories are remembered, and a search finds all",
  stage,
  async (scene) => {
    const { page } = scene;
    await open(scene);
    const palette = page.locator(".palette");
    const star = palette.getByRole("button", { name: /^Favourite: .*CORS/i });
    await star.first().focus();
    await page.keyboard.press("Enter");
    const favourites = palette.locator("section", { hasText: "Favourites" });
    await favourites.getByRole("button", { name: "CORS", exact: true })
      .waitFor();
    const category = palette.getByRole("button", { name: /^Middleware/ });
    await category.click();
    const logging = palette.getByRole("button", {
      name: "Logging",
      exact: true,
    });
    await logging.waitFor({ state: "detached" });
    await page.reload();
    await favourites.waitFor();
    assert.equal(await category.getAttribute("aria-expanded"), "false");
    assert.equal(await star.first().getAttribute("aria-pressed"), "true");
    assert.equal(await logging.count(), 0);
    await page.keyboard.press("a");
    await page.keyboard.type("logg");
    await logging.waitFor();
    assert.equal(await favourites.count(), 0);
    await page.keyboard.press("Escape");
    await star.first().click();
    await favourites.waitFor({ state: "detached" });
  },
);

browserTest(
  "groups, categories and favourites are accessible in both themes",
  stage,
  async (scene) => {
    const { page } = scene;
    await open(scene);
    await choose(page, "broker", "told");
    await page.keyboard.press("g");
    await page.locator(".group-box input:focus").waitFor();
    await page.keyboard.type("Orders, told to others");
    await page.locator(".star").first().focus();
    await page.keyboard.press("Enter");
    for (const theme of THEMES) {
      await useTheme(page, theme);
      await checkAccess(page, `a group in ${theme}`);
      await screenshot(page, `group_${theme}`);
    }
    await page.getByRole("button", { name: "By category" }).click();
    await page.locator(".container").first().waitFor();
    await page.getByRole("button", { name: "Messaging", exact: true }).click();
    await node(page, "told").waitFor();
    for (const theme of THEMES) {
      await useTheme(page, theme);
      await checkAccess(page, `categories in ${theme}`);
      await screenshot(page, `containers_${theme}`);
    }
    await undoAll(scene);
  },
);
