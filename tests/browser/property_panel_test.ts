/**
 * The property panel: expressions, times, names, and the way back after a
 * deployment.
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import {
  browserTest,
  checkAccess,
  forget,
  runIs,
  type Scene,
  screenshot,
  stageOfFile,
  startRun,
  THEMES,
  TOKEN,
  until,
} from "./_browser.ts";

const SHOP = `# A shop, with comments that must stay.
modules:
  - { name: nightly, type: scheduler.cron, config: { cronExpression: "0 2 * * MON-FRI", timeZone: Europe/Berlin } }
  - { name: machine, type: statemachine.engine }
  - { name: tell, type: messaging.handler }
  - name: accounts
    type: auth.jwt
    config: { secret: only-for-this-test-and-not-for-real-use, tokenExpiry: 12h }

workflows:
  statemachine:
    engine: machine
    definitions:
      - name: parcel
        initialState: packed
        states:
          packed: {}
          sent: {}
          lost: { isFinal: true, isError: true }
        transitions:
          send: { fromState: packed, toState: sent, condition: "data.weight < 30.0" }
          lose: { fromState: sent, toState: lost }
    hooks:
      - { workflowType: parcel, toStates: [sent], handler: tell }

pipelines:
  order:
    input: { amount: number, city: { type: string, default: Ulm } }
    steps:
      - id: total
        use: set
        with: { values: { sum: "\${{ input.amount * 2.0 }}" } }
      - id: note
        when: steps.total.output.sum > 100.0
        use: log
        with: { message: "To \${{ input.city }}" }
`;

const stage = await stageOfFile(SHOP);

async function open({ page }: Scene, view: string): Promise<void> {
  await page.goto(`/d/shop?view=${view}`);
  await page.locator(".react-flow__node").first().waitFor();
  await page.locator(".cm-content").waitFor();
}

const card = (page: Page, name: string) =>
  page.locator(".react-flow__node").filter({
    has: page.getByText(name, { exact: true }),
  });

const row = (page: Page, label: string) =>
  page.locator(".inspector .form > .row").filter({
    has: page.locator(":scope > .label > label", {
      hasText: new RegExp(`^${label}\\*?$`),
    }),
  });

async function textOf({ page, origin }: Scene): Promise<string> {
  const draft = await page.evaluate(() => sessionStorage.getItem("draft shop"));
  return draft ?? await savedText({ origin });
}

async function savedText({ origin }: Pick<Scene, "origin">): Promise<string> {
  const answer = await fetch(`${origin}/api/documents/shop`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  return await answer.text();
}

/** The lines of a text that another has not. */
function added(before: string, after: string): string[] {
  const lines = before.split("\n");
  return after.split("\n").filter((line) => !lines.includes(line))
    .map((line) => line.trim());
}

browserTest(
  "an expression is tried on an example, on a sample of one's own, and on the last run",
  stage,
  async (scene) => {
    const { page } = scene;
    await open(scene, "pipeline:order");
    await card(page, "total").click();
    const values = row(page, "Values");
    await values.getByText('→ {"sum":2}').waitFor();
    await values.getByRole("button", { name: "On an example" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(/^Values/).fill('{"input":{"amount":');
    await dialog.getByText("This is no JSON").waitFor();
    await dialog.getByLabel(/^Values/).fill('{"input":{"amount":21}}');
    await dialog.getByRole("button", { name: "Use it" }).click();
    await values.getByText('→ {"sum":42}').waitFor();
    await values.getByRole("button", { name: "On your sample" }).waitFor();

    const run = await startRun(scene, "order", { amount: 120 });
    await runIs(scene, run, "completed");
    await open(scene, "pipeline:order");
    await card(page, "note").click();
    const when = row(page, "When");
    await when.getByText("→ true").waitFor();
    await when.getByRole("button", { name: "On the last run" }).click();
    assert.match(await dialog.getByLabel(/^Values/).inputValue(), /120/);
    await dialog.getByRole("button", { name: "Close" }).click();
    await row(page, "Message").getByText('→ "To Ulm"').waitFor();
  },
);

browserTest(
  "what fits is offered while an expression is typed, and taken with the keyboard",
  stage,
  async (scene) => {
    const { page } = scene;
    await open(scene, "pipeline:order");
    await card(page, "note").click();
    const field = row(page, "When").getByRole("textbox");
    await field.fill("");
    await field.press("Control+ ");
    const list = page.getByRole("listbox", { name: "What fits" });
    await list.getByRole("option", { name: /^input/ }).waitFor();
    await field.pressSequentially("st");
    await list.getByRole("option", { name: /^steps/ }).waitFor();
    await field.press("Enter");
    await field.pressSequentially(".");
    await list.getByRole("option", { name: /^total/ }).waitFor();
    await field.press("Enter");
    await field.pressSequentially(".out");
    await field.press("Tab");
    assert.equal(await field.inputValue(), "steps.total.output");
    await field.pressSequentially(".");
    await list.getByRole("option").first().waitFor();
    await checkAccess(page, "the panel with a list");
    await field.press("Escape");
    await list.waitFor({ state: "detached" });
    assert.equal(await field.inputValue(), "steps.total.output.");

    const message = page.getByRole("textbox", { name: "Message" });
    await message.fill("");
    await message.pressSequentially("Hi ${{ input.ci");
    await list.getByRole("option", { name: /^city/ }).click();
    await message.pressSequentially(" }}!");
    assert.equal(await message.inputValue(), "Hi ${{ input.city }}!");
    await row(page, "Message").getByText(/→ "Hi \w+!"/).waitFor();
  },
);

browserTest(
  "what is wrong with an expression stands at its field, with its place",
  stage,
  async (scene) => {
    const { page } = scene;
    await open(scene, "pipeline:order");
    await card(page, "note").click();
    const field = row(page, "When").getByRole("textbox");
    await field.fill("input.amont > 1");
    const when = row(page, "When");
    await when.getByText('No field is called "amont", at column 7.').waitFor();
    assert.equal(await field.getAttribute("aria-invalid"), "true");
    await when.getByRole("button", { name: "amount" }).click();
    await when.getByText(/→ (true|false)/).waitFor();
    assert.equal(await field.inputValue(), "input.amount > 1");
    await field.fill("input.amount >");
    await when.locator(".hint").waitFor();
    assert.equal(await when.locator(".hint").count(), 1);
  },
);

browserTest(
  "the condition of a transition is tried on an example",
  stage,
  async (scene) => {
    const { page } = scene;
    await open(scene, "machine:parcel");
    await page.locator('.react-flow__edge[data-id="send"] rect').click();
    const condition = row(page, "Condition");
    await condition.getByText("→ bool").waitFor();
    await page.getByRole("textbox", { name: "Condition" }).fill(
      "state == 'text'",
    );
    await condition.getByText("→ true").waitFor();
  },
);

browserTest(
  "times and secrets are read as people say them",
  stage,
  async (scene) => {
    const { page } = scene;
    await open(scene, "modules");
    await page.locator('.react-flow__node[data-id="nightly"]').click();
    const cron = row(page, "Cron expression");
    await cron.getByText("Monday to Friday at 02:00, Europe/Berlin").waitFor();
    assert.equal(await cron.locator("li").count(), 3);
    assert.match(
      await cron.locator("li").first().innerText(),
      /0?2:00.* in \d+/,
    );
    await page.getByRole("textbox", { name: "Cron expression" }).fill(
      "*/5 * * * *",
    );
    await cron.getByText("Every 5 min, Europe/Berlin").waitFor();
    await page.getByRole("textbox", { name: "Cron expression" }).fill("later");
    await cron.locator(".hint").waitFor();
    await cron.locator("li").first().waitFor({ state: "detached" });

    await page.locator('.react-flow__node[data-id="accounts"]').click();
    const inspector = page.locator(".inspector");
    await inspector.getByText("It is set").waitFor();
    assert.ok(!(await inspector.innerHTML()).includes("not-for-real-use"));
    const expiry = row(page, "Token expiry").getByRole("textbox");
    assert.equal(await expiry.inputValue(), "12");
    await row(page, "Token expiry").getByRole("combobox").selectOption("min");
    await until(
      "the unit is written",
      async () => /tokenExpiry: 12m\b/.test(await textOf(scene)),
    );
    await expiry.fill("1h30m");
    await until(
      "two units are written",
      async () => /tokenExpiry: 1h30m/.test(await textOf(scene)),
    );
    await inspector.getByRole("button", { name: /^Replace/ }).click();
    await row(page, "Secret").getByRole("textbox").fill(
      "secret://accounts",
    );
    await until(
      "it is replaced",
      async () => /secret: "?secret:\/\/accounts/.test(await textOf(scene)),
    );
  },
);

browserTest(
  "a state gets another name, with its transitions and hooks, and one undo takes it back",
  stage,
  async (scene) => {
    const { page } = scene;
    await open(scene, "machine:parcel");
    const before = await textOf(scene);
    await card(page, "sent").click();
    const name = page.getByRole("textbox", { name: "Name" });
    await name.fill("travelling");
    await name.press("Enter");
    await card(page, "travelling").waitFor();
    assert.deepEqual(added(before, await textOf(scene)), [
      "travelling: {}",
      'send: { fromState: packed, toState: travelling, condition: "data.weight < 30.0" }',
      "lose: { fromState: travelling, toState: lost }",
      "- { workflowType: parcel, toStates: [travelling], handler: tell }",
    ]);
    assert.equal(await name.inputValue(), "travelling");
    await page.getByRole("button", { name: /^Undo/ }).click();
    await card(page, "sent").waitFor();
    assert.equal(await textOf(scene), before);
  },
);

browserTest(
  "a name that is taken or not allowed is refused at the field",
  stage,
  async (scene) => {
    const { page } = scene;
    await open(scene, "machine:parcel");
    const before = await textOf(scene);
    await card(page, "sent").click();
    const name = page.getByRole("textbox", { name: "Name" });
    await name.fill("lost");
    await name.press("Enter");
    await row(page, "Name").getByRole("alert")
      .getByText('the name "lost" of a state is taken').waitFor();
    await name.press("Escape");
    assert.equal(await name.inputValue(), "sent");

    await open(scene, "pipeline:order");
    await card(page, "total").click();
    await name.fill("the sum");
    await name.press("Enter");
    await row(page, "Name").getByRole("alert")
      .getByText(/a step cannot be called "the sum"; expected a letter/)
      .waitFor();
    forget(scene, 400);
    assert.equal(await textOf(scene), before);
  },
);

browserTest(
  "a step, a pipeline and a machine get other names, and what shows them follows",
  stage,
  async (scene) => {
    const { page } = scene;
    await open(scene, "pipeline:order");
    const before = await textOf(scene);
    await card(page, "total").click();
    const name = page.getByRole("textbox", { name: "Name" });
    await name.fill("sum");
    await name.press("Enter");
    await card(page, "sum").waitFor();
    assert.deepEqual(added(before, await textOf(scene)), [
      "- id: sum",
      "when: steps.sum.output.sum > 100.0",
    ]);
    await page.getByRole("button", { name: "Close the inspector" }).click();
    await name.fill("purchase");
    await name.press("Enter");
    await page.getByRole("button", { name: "purchase", pressed: true })
      .waitFor();
    await card(page, "sum").waitFor();
    await page.waitForURL(/view=pipeline%3Apurchase/);
    await page.getByRole("button", { name: /^Undo/ }).click();
    await page.getByRole("button", { name: "order", pressed: true }).waitFor();
    await card(page, "sum").waitFor();

    await page.getByRole("button", { name: "parcel", exact: true }).click();
    await name.fill("package");
    await name.press("Enter");
    await page.getByRole("button", { name: "package", pressed: true })
      .waitFor();
    await card(page, "lost").waitFor();
    assert.match(await textOf(scene), /workflowType: package/);
  },
);

async function deploy(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Deploy" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Deploy" })
    .click();
}

async function runningText({ origin }: Pick<Scene, "origin">) {
  const answer = await fetch(`${origin}/api/workflow/config?document=shop`, {
    headers: {
      authorization: `Bearer ${TOKEN}`,
      accept: "application/yaml",
    },
  });
  return await answer.text();
}

browserTest(
  "what ran before a deployment is put back with one click",
  stage,
  async (scene) => {
    const { page } = scene;
    await open(scene, "pipeline:order");
    const before = await savedText(scene);
    const back = page.getByRole("button", { name: /^Roll(ing)? back$/ });
    assert.equal(await back.count(), 0);
    await card(page, "total").click();
    await page.getByRole("textbox", { name: "Description" }).fill("Adds it up");
    await deploy(page);
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assert.match(await runningText(scene), /Adds it up/);
    await back.click();
    await back.waitFor({ state: "detached" });
    assert.equal(await runningText(scene), before);
    assert.equal(await savedText(scene), before);
    await page.getByRole("button", { name: /^Undo/ }).click();
    await page.getByLabel("Not saved").waitFor();
    assert.match(await textOf(scene), /Adds it up/);
  },
);

browserTest(
  "what ran is put back as well after a text that could not start",
  stage,
  async (scene) => {
    const { page } = scene;
    await open(scene, "pipeline:order");
    const before = await savedText(scene);
    const { hostname, port } = new URL(scene.origin);
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+Home");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("End");
    // The surface itself listens there already.
    await page.keyboard.insertText(
      "\n  - { name: router, type: http.router }\n" +
        `  - { name: web, type: http.server, config: { address: "${hostname}:${port}" } }`,
    );
    await deploy(page);
    const dialog = page.getByRole("dialog");
    await dialog.getByText("It is not deployed, and what ran runs on")
      .waitFor();
    forget(scene, 409);
    assert.equal(await runningText(scene), before);
    assert.notEqual(await savedText(scene), before);
    await dialog.getByRole("button", { name: "Roll back" }).click();
    await dialog.waitFor({ state: "detached" });
    assert.equal(await savedText(scene), before);
    assert.equal(await runningText(scene), before);
  },
);

for (const theme of THEMES) {
  browserTest(`the panel is accessible in ${theme}`, stage, async (scene) => {
    const { page } = scene;
    await open(scene, "pipeline:order");
    await card(page, "note").click();
    await row(page, "When").getByText("→").waitFor();
    await checkAccess(page, "a step");
    await screenshot(page, `panel-step-${theme}`);
    await row(page, "When").getByRole("textbox").fill("input.amont > 1");
    await row(page, "When").locator(".hint").waitFor();
    await checkAccess(page, "a step with an error");
    await row(page, "When").getByRole("textbox").fill("input.");
    await row(page, "When").getByRole("textbox").press("Control+ ");
    await page.getByRole("listbox", { name: "What fits" }).waitFor();
    await screenshot(page, `panel-list-${theme}`);
    await open(scene, "modules");
    await page.locator('.react-flow__node[data-id="nightly"]').click();
    await row(page, "Cron expression").locator("li").first().waitFor();
    await checkAccess(page, "a schedule");
    await screenshot(page, `panel-cron-${theme}`);
    await page.locator('.react-flow__node[data-id="accounts"]').click();
    await page.locator(".inspector").getByText("It is set").waitFor();
    await checkAccess(page, "a secret");
    await screenshot(page, `panel-secret-${theme}`);
  }, { theme });
}
