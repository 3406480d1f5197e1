/**
 * The builder as people use it: with a pointer, with the keyboard alone, on
 * documents of all kinds.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Page } from "playwright-core";
import {
  browserTest,
  checkAccess,
  forget,
  runIs,
  type Scene,
  stageOfFile,
  startRun,
  THEMES,
  TOKEN,
  until,
} from "./_browser.ts";

const SHOP = `# A shop, with comments that must stay.
modules:
  - name: web # where it listens
    type: http.server
    config: { address: "127.0.0.1:0" }
  - name: router
    type: http.router

  # Answers in the name of the shop.
  - name: greeting
    type: dynamic.component
    config:
      code: 'export const execute = () => ({ hello: "you" });'

workflows:
  http:
    routes:
      - { method: GET, path: /hello, handler: greeting }

pipelines:
  greet:
    steps:
      - { id: first, use: set, with: { values: { a: 1 } } }
`;

const SHARED = `x-limits: &limits
  requestsPerMinute: 30
modules:
  - name: web
    type: http.server
    config: { address: "127.0.0.1:0" }
  - name: one
    type: http.middleware.ratelimit
    config: *limits
  - name: two
    type: http.middleware.ratelimit
    config: *limits
`;

const stage = await stageOfFile(SHOP, { "shared.yaml": SHARED });

/** Opens a document and waits until it can be changed. */
async function open({ page }: Scene, id = "shop", query = ""): Promise<void> {
  await page.goto(`/d/${id}${query}`);
  await page.locator(".react-flow__node").first().waitFor();
  await page.locator(".cm-content").waitFor();
}

/** The whole text, as the page has it. */
async function textOf(
  scene: Scene,
  page: Page,
  id = "shop",
): Promise<string> {
  const draft = await page.evaluate(
    (key) => sessionStorage.getItem(key),
    `draft ${id}`,
  );
  return draft ?? await savedText(scene, id);
}

async function savedText(
  { origin }: Pick<Scene, "origin">,
  id = "shop",
): Promise<string> {
  const answer = await fetch(`${origin}/api/documents/${id}`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  return await answer.text();
}

const node = (page: Page, name: string) =>
  page.locator(`.react-flow__node[data-id="${name}"]`);

/** Draws a tie from one card to another. */
async function tie(page: Page, from: string, to: string): Promise<void> {
  const source = await node(page, from).locator(".source").boundingBox();
  const target = await node(page, to).locator(".target").boundingBox();
  assert.ok(source && target);
  await page.mouse.move(
    source.x + source.width / 2,
    source.y + source.height / 2,
  );
  await page.mouse.down();
  await page.mouse.move(
    target.x + target.width / 2,
    target.y + target.height / 2,
    { steps: 15 },
  );
  await page.mouse.up();
}

browserTest(
  "a rate limiter is dragged in, tied, deployed, and lights up with the next request",
  stage,
  async (scene) => {
    const { page, api } = scene;
    await open(scene);
    const item = page.locator(".palette button", { hasText: /^Rate limit$/ });
    await item.dragTo(page.locator(".react-flow__pane"), {
      targetPosition: { x: 420, y: 120 },
    });
    await node(page, "ratelimit").waitFor();
    await tie(page, "router", "ratelimit");
    await page.getByRole("dialog").getByRole("button", {
      name: /Middlewares of GET \/hello/,
    }).or(page.locator(".choice").first()).first().click();
    await page.locator(".react-flow__edge", { hasText: "" }).first().waitFor();
    const deploy = page.getByRole("button", { name: "Deploy" });
    await deploy.click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("ratelimit", { exact: true }).first().waitFor();
    await dialog.getByRole("button", { name: "Deploy" }).click();
    await dialog.waitFor({ state: "detached" });
    const text = await savedText(scene);
    assert.match(text, /handler: greeting, middlewares: \[ ?ratelimit ?\]/);
    assert.match(text, /# A shop, with comments that must stay\./);
    const { addresses } = await api("/api/workflow/status");
    const answer = await fetch(new URL("/hello", addresses[0]));
    assert.deepEqual(await answer.json(), { hello: "you" });
    await page.locator(".node.live").first().waitFor();
    const count = node(page, "ratelimit").getByText("1 in");
    await count.waitFor({ state: "attached" });
  },
);

browserTest(
  "the keyboard alone adds, names, sets, removes and takes back",
  stage,
  async (scene) => {
    const { page } = scene;
    await open(scene);
    const before = await textOf(scene, page);
    await page.locator(".react-flow__pane").click({
      position: { x: 300, y: 300 },
    });
    await page.keyboard.press("a");
    await page.keyboard.type("health");
    await page.keyboard.press("Enter");
    await node(page, "checker").waitFor();
    await page.keyboard.press("Escape");
    const name = page.getByLabel("Name", { exact: true });
    await name.fill("alive");
    await name.press("Enter");
    await node(page, "alive").waitFor();
    assert.match(
      await textOf(scene, page),
      /- name: alive\n +type: health\.checker/,
    );
    await page.getByRole("button", { name: "Remove" }).click();
    await node(page, "alive").waitFor({ state: "detached" });
    for (let i = 0; i < 3; i++) await page.keyboard.press("Control+z");
    await node(page, "checker").waitFor({ state: "detached" });
    assert.equal(await textOf(scene, page), before);
  },
);

browserTest(
  "a field is changed in its own line, and its problem stands at the field",
  stage,
  async (scene) => {
    const { page } = scene;
    await open(scene);
    const before = await textOf(scene, page);
    await node(page, "greeting").click();
    await page.getByRole("textbox", { name: "Max output size" }).fill("7");
    await page.locator(".problems, .cm-content").first().waitFor();
    await waitForText(scene, /maxOutputSize: 7/);
    const after = await textOf(scene, page);
    const lines = before.split("\n");
    const added = after.split("\n").filter((line) => !lines.includes(line));
    assert.deepEqual(added, ["      maxOutputSize: 7"]);
    await page.getByRole("tab", { name: "Changes" }).click();
    const differing = page.locator(".dock .diff .added");
    assert.deepEqual(await differing.allInnerTexts(), [
      "+      maxOutputSize: 7\n",
    ]);
    await page.getByRole("textbox", { name: "Max output size" }).fill("many");
    await page.locator(".hint:visible").first().waitFor();
    await page.getByRole("tab", { name: /Problems/ }).click();
    await page.locator(".problems li").first().waitFor();
    await page.keyboard.press("Escape");
  },
);

async function waitForText(scene: Scene, pattern: RegExp): Promise<void> {
  await scene.page.waitForFunction(
    ([key, source]) =>
      new RegExp(String(source)).test(
        sessionStorage.getItem(String(key)) ?? "",
      ),
    ["draft shop", pattern.source],
  );
}

browserTest(
  "what is not saved is there after the page is loaded again",
  stage,
  async (scene) => {
    const { page } = scene;
    await open(scene);
    await page.locator(".palette button", { hasText: /^CORS$/ }).click();
    await node(page, "cors").waitFor();
    await page.reload();
    await node(page, "cors").waitFor();
    await page.getByLabel("Not saved").waitFor();
  },
);

browserTest(
  "two windows on one document never overwrite each other without a word",
  stage,
  async (scene) => {
    const { page, context } = scene;
    const other = await context.newPage();
    await open(scene, "shared");
    await other.goto("/d/shared");
    await node(other, "one").waitFor();
    await page.locator(".palette button", { hasText: /^CORS$/ }).click();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByLabel("Not saved").waitFor({ state: "detached" });
    await other.locator(".palette button", { hasText: /^Logging$/ }).click();
    await other.getByRole("button", { name: "Save" }).click();
    const dialog = other.getByRole("dialog");
    await dialog.getByText("Somebody else has changed the document").waitFor();
    assert.match(await savedText(scene, "shared"), /middleware\.cors/);
    // What would be lost of theirs, and what is ours.
    await dialog.locator(".removed", { hasText: "cors" }).first().waitFor();
    await dialog.locator(".added", { hasText: "logging" }).first().waitFor();
    await dialog.getByRole("button", { name: "Take theirs" }).click();
    await node(other, "cors").waitFor();
    await node(other, "logging").waitFor({ state: "detached" });
    await other.close();
  },
);

browserTest(
  "a place that others share is asked about before it is changed",
  stage,
  async (scene) => {
    const { page } = scene;
    await open(scene, "shared");
    await node(page, "one").click();
    await page.getByRole("textbox", { name: "Requests per minute" }).fill("3");
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Other places use this, too").waitFor();
    await dialog.getByRole("button", { name: "Change it here only" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.waitForFunction(() =>
      (sessionStorage.getItem("draft shared") ?? "").includes(
        "requestsPerMinute: 3\n",
      )
    );
    const text = await textOf(scene, page, "shared");
    assert.match(text, /x-limits: &limits\n {2}requestsPerMinute: 30\n/);
  },
);

browserTest(
  "a text that does not parse leaves the canvas as it was, and says so",
  stage,
  async (scene) => {
    const { page } = scene;
    await open(scene);
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("modules: [");
    await page.getByText("The text does not parse").waitFor();
    await node(page, "greeting").waitFor();
    await page.keyboard.press("Control+z");
    await page.getByText("The text does not parse").waitFor({
      state: "detached",
    });
  },
);

browserTest(
  "a step is added behind another, and a state machine is drawn",
  stage,
  async (scene) => {
    const { page } = scene;
    await open(scene, "shop", "?view=pipeline:greet");
    await page.locator(".react-flow__node", { hasText: "first" }).click();
    await page.locator(".palette button", { hasText: /^sleep$/ }).click();
    await page.locator(".react-flow__node", { hasText: "sleep" }).first()
      .waitFor();
    await waitForText(scene, /- \{? ?id: sleep/);
    await page.keyboard.press("Control+z");
  },
);

browserTest(
  "a run is scrubbed in the dock, and the canvas shows it as it was",
  stage,
  async (scene) => {
    const { page } = scene;
    const run = await startRun(scene, "greet");
    await runIs(scene, run, "completed");
    await open(scene);
    await page.getByRole("tab", { name: "Runs" }).click();
    await page.locator(".dock-runs li button").first().click();
    const step = page.locator(".react-flow__node", { hasText: "first" });
    await step.getByText("Completed").waitFor({ state: "attached" });
    await page.getByRole("slider").focus();
    await page.keyboard.press("Home");
    await page.getByText("Entry 1 of").waitFor();
    await step.getByText("Completed").waitFor({ state: "detached" });
    await page.keyboard.press("End");
    await step.getByText("Completed").waitFor({ state: "attached" });
    await checkAccess(page, "the dock with a run");
  },
);

browserTest(
  "a step stops runs at a breakpoint, until that is removed",
  stage,
  async (scene) => {
    const { page } = scene;
    await open(scene, "shop", "?view=pipeline:greet");
    await page.locator(".react-flow__node", { hasText: "first" }).click();
    const stop = page.getByRole("button", {
      name: "Stop runs before this step",
    });
    await page.getByLabel("Only if").fill("input.missing +");
    await stop.click();
    await page.getByRole("alert").waitFor();
    forget(scene, 422);
    await page.getByLabel("Only if").fill("");
    await stop.click();
    await page.getByText("Runs stop here").waitFor();
    const run = await startRun(scene, "greet");
    await runIs(scene, run, "paused");
    await page.getByRole("button", { name: "Remove" }).first().click();
    await stop.waitFor();
    await scene.api(`/api/runs/${run}/debug/continue`, { method: "POST" });
    await runIs(scene, run, "completed");
  },
);

browserTest(
  "modules are copied, pasted under a free name, found and exported",
  stage,
  async (scene) => {
    const { page, context } = scene;
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await open(scene);
    await node(page, "greeting").click();
    await page.keyboard.press("Control+c");
    await page.keyboard.press("Control+v");
    await node(page, "greeting-copy").waitFor();
    await page.keyboard.press("Control+z");
    await node(page, "greeting-copy").waitFor({ state: "detached" });
    await page.keyboard.press("Escape");
    await page.keyboard.press("/");
    await page.keyboard.type("greet");
    await page.keyboard.press("Enter");
    await page.locator(".inspector").getByText("dynamic.component").waitFor();
    await page.getByRole("button", { name: "More", exact: true }).click();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export JSON" }).click();
    const file = await (await download).path();
    const { modules } = JSON.parse(await Deno.readTextFile(file));
    assert.equal(modules[2].name, "greeting");
  },
);

browserTest(
  "a file that is taken in can be taken back",
  stage,
  async (scene) => {
    const { page } = scene;
    await open(scene);
    const before = await textOf(scene, page);
    await page.getByLabel("File to import").setInputFiles({
      name: "other.json",
      mimeType: "application/json",
      buffer: Buffer.from('{"modules":[{"name":"only","type":"http.router"}]}'),
    });
    await node(page, "only").waitFor();
    await page.locator(".react-flow__pane").click({
      position: { x: 300, y: 400 },
    });
    await page.keyboard.press("Control+z");
    await node(page, "greeting").waitFor();
    assert.equal(await textOf(scene, page), before);
  },
);

for (const theme of THEMES) {
  browserTest(`the builder is accessible in ${theme}`, stage, async (scene) => {
    const { page } = scene;
    await open(scene);
    await node(page, "greeting").click();
    await checkAccess(page, "the builder");
    await page.getByRole("tab", { name: "Permissions" }).click();
    await checkAccess(page, "the builder");
  }, { theme });
}

browserTest(
  "a note is written, moved, kept with the places, and taken away again",
  stage,
  async (scene) => {
    const { page, api } = scene;
    await open(scene);
    await page.locator(".react-flow__pane").click({
      position: { x: 5, y: 400 },
    });
    await page.keyboard.press("n");
    await page.locator(".note textarea:focus").waitFor();
    await page.keyboard.type("Greets whoever asks");
    const note = page.locator(".react-flow__node", {
      has: page.locator(".note"),
    });
    const notes = async () => (await api("/api/documents/shop/layout")).notes;
    await until(
      "it is kept",
      async () => (await notes())[0]?.text === "Greets whoever asks",
    );
    const [{ x }] = await notes();
    const before = await note.boundingBox();
    assert.ok(before);
    await page.mouse.move(before.x + 4, before.y + 4);
    await page.mouse.down();
    await page.mouse.move(before.x + 64, before.y + 44, { steps: 5 });
    await page.mouse.up();
    await until("its place is kept", async () => (await notes())[0]?.x !== x);
    await page.reload();
    const field = page.getByRole("textbox", { name: "Note" });
    await field.waitFor();
    assert.equal(await field.inputValue(), "Greets whoever asks");
    await note.click({ position: { x: 3, y: 3 } });
    await page.keyboard.press("Delete");
    await note.waitFor({ state: "detached" });
    await until("it is gone", async () => (await notes()).length === 0);
    // It says nothing that the document means.
    const draft = await page.evaluate(() =>
      sessionStorage.getItem("draft shop")
    );
    assert.equal(draft, null);
  },
);

browserTest(
  "several cards are aligned, and undo brings them back",
  stage,
  async (scene) => {
    const { page } = scene;
    await open(scene);
    await page.keyboard.press("Control+a");
    const left = () =>
      page.locator(".react-flow__node").evaluateAll((nodes) =>
        nodes.map((node) => Math.round(node.getBoundingClientRect().left))
      );
    const before = await left();
    assert.ok(new Set(before).size > 1, String(before));
    await page.getByRole("button", { name: "Align left" }).click();
    await until(
      "they are aligned",
      async () => new Set(await left()).size === 1,
    );
    await page.getByRole("button", { name: "Undo: Move" }).click();
    await until(
      "they are back",
      async () => String(await left()) === String(before),
    );
  },
);

browserTest(
  "the keyboard moves a card, and undo brings it back",
  stage,
  async (scene) => {
    const { page, api } = scene;
    await open(scene);
    const place = async () =>
      (await api("/api/documents/shop/layout")).views.modules?.greeting;
    await node(page, "greeting").focus();
    await page.keyboard.press("Enter");
    await node(page, "greeting").locator(".chosen").waitFor();
    await page.keyboard.press("ArrowDown");
    await until("its place is kept", async () => await place() !== undefined);
    const { y } = await place();
    await page.keyboard.press("Shift+ArrowDown");
    await until("it has moved", async () => (await place()).y > y);
    await page.keyboard.press("Control+z");
    await until("it is back", async () => (await place()).y !== y);
  },
);

browserTest(
  "a lost connection is shown, and what was done meanwhile is saved later",
  stage,
  async (scene) => {
    const { page, context, faults } = scene;
    await open(scene, "shared");
    await context.setOffline(true);
    await page.getByText("Not reached").waitFor();
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type("# written without a connection");
    await page.keyboard.press("Control+s");
    await page.getByRole("button", { name: "Save" }).waitFor();
    assert.doesNotMatch(await savedText(scene, "shared"), /without a/);
    await context.setOffline(false);
    await page.getByText("Not reached").waitFor({ state: "detached" });
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+s");
    await until(
      "it is saved",
      async () => /without a/.test(await savedText(scene, "shared")),
    );
    const isOffline = (fault: string) =>
      fault.includes("ERR_INTERNET_DISCONNECTED");
    faults.splice(0, faults.length, ...faults.filter((f) => !isOffline(f)));
  },
);
