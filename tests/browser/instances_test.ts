/**
 * The instances of state machines: found, read, moved on, refused, while things
 * happen to them elsewhere.
 */
import assert from "node:assert/strict";
import {
  browserTest,
  checkAccess,
  forget,
  type Scene,
  screenshot,
  stageOfFile,
  THEMES,
  until,
} from "./_browser.ts";

const stage = await stageOfFile(`modules:
  - { name: orders, type: statemachine.engine }
workflows:
  statemachine:
    engine: orders
    definitions:
      - name: order
        initialState: new
        states:
          new: {}
          paid: {}
          shipped: { isFinal: true }
          declined: { isFinal: true, isError: true }
        transitions:
          place: { fromState: new, toState: new }
          pay: { fromState: new, toState: paid, condition: "input.amount >= data.total" }
          decline: { fromState: new, toState: declined }
          ship: { fromState: paid, toState: shipped }
      - name: parcel
        initialState: packed
        states: { packed: {}, gone: { isFinal: true } }
        transitions: { send: { fromState: packed, toState: gone } }
    hooks:
      - { workflowType: order, transitions: [pay], pipeline: receipt }
      - { workflowType: order, transitions: [ship], pipeline: invoice }
pipelines:
  receipt:
    steps:
      - { id: write, use: set, with: { values: { order: "\${{ input.workflowId }}" } } }
  invoice:
    input: { address: string }
    steps:
      - { id: write, use: set, with: { values: { to: "\${{ input.address }}" } } }
`);

/** Fires a transition as a trigger would; an order that is new begins with it. */
async function dispatch(
  { api }: Pick<Scene, "api">,
  action: string,
  input: Readonly<Record<string, unknown>>,
  workflow = "order",
): Promise<void> {
  await api("/api/runs", {
    method: "POST",
    body: JSON.stringify({ workflow, action, input }),
  });
}

browserTest(
  "an order is found, its history read, and moved on from its page",
  stage,
  async (scene) => {
    const { page, api } = scene;
    await dispatch(scene, "place", { id: "A-1", total: 5, number: "77-1" });
    await dispatch(scene, "decline", { id: "A-2", error: "No money" });
    await page.goto("/instances");
    await page.getByText("No money").waitFor();
    await page.getByRole("searchbox").fill("77-1");
    await page.getByText("A-2").waitFor({ state: "detached" });
    assert.match(page.url(), /\/instances\?q=77-1$/);
    await page.getByRole("link", { name: "A-1" }).click();
    await page.getByRole("heading", { name: "A-1" }).waitFor();
    const past = page.getByRole("region", { name: "History" });
    await past.getByText("Created").waitFor();
    assert.equal(await past.getByText("by api").count(), 2);
    await past.getByText("Data at first").click();
    await past.getByText('"number": "77-1"').last().waitFor();
    // Held back: what is sent along does not suffice.
    await page.getByText("held back unless").waitFor();
    await page.getByRole("button", { name: "pay" }).click();
    const sheet = page.getByRole("dialog");
    await sheet.getByRole("heading", { name: "Fire “pay” on A-1?" }).waitFor();
    await sheet.getByLabel("Data to send along").fill('{ "amount": 1 }');
    await sheet.getByRole("button", { name: "Fire pay" }).click();
    await sheet.getByRole("alert").getByText("does not hold").waitFor();
    await screenshot(page, "instance-refused");
    forget(scene, 409);
    const pay = sheet.getByRole("button", { name: "Fire pay" });
    await sheet.getByLabel("Data to send along").fill("[1");
    assert.equal(await pay.isDisabled(), true);
    await sheet.getByLabel("Data to send along").fill('{ "amount": 5 }');
    await pay.click();
    await page.getByText("“pay” is done: it went to paid.").waitFor();
    await past.getByText("by management API").waitFor();
    await page.locator(".state-pill").getByText("paid").waitFor();
    // The run that the transition began.
    await past.getByRole("link", { name: "Its run" }).click();
    await page.waitForURL(/\/runs\/[0-9A-Z]{26}$/);
    const entries = await api("/api/audit");
    const path = "/api/instances/shop/orders/A-1/transitions/pay";
    assert.deepEqual(
      entries.filter((entry: { path: string }) => entry.path === path)
        .map(({ status }: { status: number }) => status),
      [202, 409],
    );
  },
);

browserTest(
  "a page follows what happens to its instance elsewhere, and says what was given up",
  stage,
  async (scene) => {
    const { page } = scene;
    await dispatch(scene, "place", { id: "B-1", total: 1 });
    await page.goto("/instances/shop/orders/B-1");
    await page.locator(".state-pill").getByText("new").waitFor();
    await dispatch(scene, "pay", { id: "B-1", amount: 1 });
    await page.locator(".state-pill").getByText("paid").waitFor();
    const picture = page.getByRole("img", { name: /is in paid/ });
    await picture.waitFor();
    // Somebody else is faster: the page says so, and shows how it is.
    await page.getByRole("button", { name: "ship" }).click();
    await dispatch(scene, "ship", { id: "B-1" });
    await page.getByRole("button", { name: "Fire ship" }).click();
    await page.getByRole("alert").getByText('it is in state "shipped"')
      .waitFor();
    forget(scene, 409);
    await page.keyboard.press("Escape");
    await page.getByText("No transition leads from shipped").waitFor();
    const past = page.getByRole("region", { name: "History" });
    await past.getByText("Given up").waitFor();
    await past.getByText(/address/).waitFor();
    await screenshot(page, "instance-given-up");
  },
);

browserTest(
  "many instances are gone through in pages and narrowed by state",
  stage,
  async (scene) => {
    const { page } = scene;
    for (let number = 0; number < 120; number++) {
      const id = `p-${String(number).padStart(3, "0")}`;
      await dispatch(scene, "send", { id }, "parcel");
    }
    await page.goto("/instances?definition=parcel");
    await page.getByText("50 here, the newest first").waitFor();
    await page.getByRole("link", { name: "p-119" }).waitFor();
    await page.getByRole("button", { name: "Older" }).click();
    await page.getByRole("link", { name: "p-069" }).waitFor();
    await page.getByRole("button", { name: "Older" }).click();
    await page.getByRole("link", { name: "p-000" }).waitFor();
    assert.equal(
      await page.getByRole("button", { name: "Older" }).isDisabled(),
      true,
    );
    await page.getByRole("button", { name: "Newer" }).click();
    await page.getByRole("link", { name: "p-020" }).waitFor();
    await page.getByRole("button", { name: "gone 120" }).waitFor();
    await page.getByRole("button", { name: "packed 0" }).click();
    await page.getByRole("heading", { name: "No instance fits" }).waitFor();
    assert.match(page.url(), /definition=parcel&state=packed$/);
    await page.goBack();
    await page.getByRole("link", { name: "p-119" }).focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "p-118" }).waitFor();
  },
);

browserTest(
  "the builder says how many are in each state, and leads to them",
  stage,
  async (scene) => {
    const { page } = scene;
    await dispatch(scene, "place", { id: "C-1", total: 1 });
    await page.goto("/d/shop?view=machine:order");
    const counted = page.locator(".node", { hasText: "new" })
      .locator(".state-count");
    await until(
      "it is counted",
      async () => /\d/.test(await counted.textContent() ?? ""),
    );
    await screenshot(page, "instances-builder");
    await page.getByRole("link", { name: "Instances", exact: true }).last()
      .click();
    await page.waitForURL(
      /\/instances\?application=shop&machine=orders&definition=order$/,
    );
    await page.getByRole("link", { name: "C-1" }).waitFor();
  },
);

browserTest(
  "an instance that is not there is told of, and what to do",
  stage,
  async (scene) => {
    const { page } = scene;
    await page.goto("/instances/shop/orders/nobody");
    await page.getByText('has no instance with the id "nobody"').waitFor();
    await page.getByRole("button", { name: "Try again" }).waitFor();
    forget(scene, 404);
    await page.goto("/runs");
    forget(scene, 404);
  },
);

for (const theme of THEMES) {
  browserTest(
    `pages of instances can be used by everybody (${theme})`,
    stage,
    async (scene) => {
      const { page } = scene;
      const id = `a/b c?${theme} ${"long-".repeat(30)}`;
      await dispatch(scene, "place", { id, total: 9 });
      await page.goto("/instances");
      await page.getByRole("link", { name: id }).waitFor();
      await checkAccess(page, "instances");
      await page.getByRole("link", { name: id }).click();
      await page.locator(".machine-diagram").waitFor();
      await checkAccess(page, "an instance");
      for (const width of [1440, 1000, 800]) {
        await page.setViewportSize({ width, height: 900 });
        const overflow = await page.locator("#area").evaluate((element) =>
          element.scrollWidth - element.clientWidth
        );
        assert.equal(overflow, 0, `at ${width}`);
        await screenshot(page, `instance-${theme}-${width}`);
      }
      await page.getByRole("button", { name: "pay" }).click();
      await page.getByRole("dialog").waitFor();
      await checkAccess(page, "a transition that is about to be fired");
    },
    { theme },
  );
}
