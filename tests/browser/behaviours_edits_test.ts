/**
 * Fields of every kind, problems at their fields, and what is taken back: just the
 * right lines of the text change.
 */
import assert from "node:assert/strict";
import { browserTest, forget, stageOfFile, until } from "./_browser.ts";
import { BuilderPage, differences, EMPTY, placeOf } from "./_builder_page.ts";

/** What is done to a field, and the lines that the text then has more. */
interface Edit {
  /** The kind of control that it tries. */
  readonly kind: string;
  readonly module: string;
  readonly label: string;
  /** What is filled in; with `chosen` it is an option, with `on` a switch. */
  readonly value: string;
  readonly how?: "chosen" | "on" | "added";
  /** Below `config:`. */
  readonly lines: readonly string[];
}

const EDITS: readonly Edit[] = [
  {
    ...{ kind: "string", module: "auth", label: "Auth type", value: "basic" },
    lines: ["      authType: basic"],
  },
  {
    ...{ kind: "number", module: "limit", label: "Requests per minute" },
    ...{ value: "500" },
    lines: ["      requestsPerMinute: 500"],
  },
  {
    ...{ kind: "number beside", module: "limit", label: "Burst size" },
    ...{ value: "7", lines: ["      burstSize: 7"] },
  },
  {
    ...{ kind: "boolean", module: "broker", label: "Durable", value: "" },
    how: "on",
    lines: ["      durable: true"],
  },
  {
    ...{ kind: "select", module: "log", label: "Log level", value: "debug" },
    how: "chosen",
    lines: ["      logLevel: debug"],
  },
  {
    ...{ kind: "duration", module: "server", label: "Drain timeout" },
    ...{ value: "5s", lines: ["      drainTimeout: 5s"] },
  },
  {
    ...{ kind: "path", module: "files", label: "Root", value: "public" },
    lines: ["      root: public"],
  },
  {
    ...{ kind: "url", module: "hook", label: "URL" },
    value: "https://a.example/hook",
    lines: ["      url: https://a.example/hook"],
  },
  {
    ...{ kind: "secret", module: "hook", label: "Secret" },
    ...{ value: "secret://hook", lines: ["      secret: secret://hook"] },
  },
  {
    ...{ kind: "expression", module: "step", label: "Success when" },
    value: "output.ok",
    lines: ["      successWhen: output.ok"],
  },
  {
    ...{ kind: "reference", module: "connector", label: "Tracker" },
    ...{ value: "tracker", how: "chosen" },
    lines: ["      tracker: tracker"],
  },
  {
    ...{ kind: "code", module: "component", label: "Code" },
    value: "export const execute = () => 1;",
    lines: ["      code: export const execute = () => 1;"],
  },
  {
    ...{ kind: "list", module: "cors", label: "Allowed origins" },
    ...{ value: "https://a.example", how: "added" },
    lines: [
      ...["      allowedOrigins:"],
      '        - "https://a.example"',
    ],
  },
  {
    ...{ kind: "object", module: "gateway", label: "Failure threshold" },
    value: "9",
    lines: [
      ...["      circuit_breaker:"],
      "        failure_threshold: 9",
    ],
  },
];

/** One module for each, without any config. */
const FORMS = `# Nothing of this is touched but by a field.
modules:
  - name: server
    type: http.server
  - name: auth
    type: http.middleware.auth
  - name: limit
    type: http.middleware.ratelimit
  - name: cors
    type: http.middleware.cors
  - name: log
    type: http.middleware.logging
  - name: broker
    type: messaging.broker
  - name: files
    type: static.fileserver
  - name: hook
    type: webhook.sender
  - name: step
    type: processing.step
  - name: tracker
    type: state.tracker
  - name: connector
    type: state.connector
  - name: component
    type: dynamic.component
  - name: gateway
    type: http.proxy
`;

/** What the builder's predecessors lose: verbs, middlewares, triggers, other keys. */
const KEPT = `x-owner: the shop # nobody's key
modules:
  - name: web
    type: http.server
    config: { address: "127.0.0.1:0" }
  - name: router
    type: http.router
  - name: limit
    type: http.middleware.ratelimit
  - name: orders
    type: http.handler
workflows:
  http:
    routes:
      - { method: GET, path: /orders, handler: orders }
      - { method: POST, path: /orders, handler: orders, middlewares: [limit] }
triggers:
  schedule:
    jobs:
      - { id: nightly, cron: "0 3 * * *", workflow: http, action: orders }
`;

const WRONG = `modules:
  - name: connector
    type: state.connector
    config:
      tracker: nobody
    dependsOn: [noone]
  - name: ""
    type: state.tracker
`;

const stage = await stageOfFile(EMPTY, {
  "forms.yaml": FORMS,
  "kept.yaml": KEPT,
});

browserTest(
  "a field of every kind changes its own lines, and undo gives the bytes back",
  stage,
  async ({ page }) => {
    const builder = await new BuilderPage(page, "forms").open();
    await builder.has(13);
    for (const { kind, module, label, value, how, lines } of EDITS) {
      await builder.choose(module);
      const field = builder.field(label);
      const before = await builder.text();
      if (how === "on") await field.check();
      else if (how === "chosen") await field.selectOption(value);
      else if (how === "added") {
        const row = page.locator(".row", { hasText: label });
        await row.getByRole("button", { name: "Add" }).click();
        await field.fill(value);
      } else await field.fill(value);
      let after = before;
      await until(`${kind} is in the text`, async () => {
        after = await builder.text();
        return after.includes(lines.at(-1) ?? "");
      });
      assert.deepEqual(differences(before, after), {
        added: ["    config:", ...lines],
        removed: [],
      }, kind);
      // What was done last is taken back in one step.
      const undo = builder.button(/^Undo/);
      while (await undo.isEnabled()) await undo.click();
      assert.equal(await builder.text(), before, kind);
    }
  },
);

browserTest(
  "what is wrong stands at its field, and a name must be one that is free",
  stage,
  async ({ page, faults }) => {
    const builder = await new BuilderPage(page, "shop").open();
    await builder.take("wrong.yaml", WRONG);
    await builder.choose("connector");
    const tracker = builder.field("Tracker");
    await page.locator(".row", { hasText: "Tracker" }).getByText(/nobody/)
      .filter({ visible: true }).first().waitFor();
    assert.equal(await tracker.getAttribute("aria-invalid"), "true");
    await builder.card("connector").getByText("2 problems").waitFor();
    await page.getByRole("tab", { name: /^Problems/ }).click();
    const problems = page.locator(".problems li");
    for (const words of ['"nobody"', '"noone"', '"name" of a module entry']) {
      await problems.filter({ hasText: words })
        .waitFor();
    }
    const save = page.getByRole("button", { name: "Save", exact: true });
    assert.equal(await save.isDisabled(), true);
    const before = await builder.text();
    const name = builder.field("Name");
    for (const blank of ["", "  "]) {
      await name.fill(blank);
      await name.press("Enter");
      await builder.inspector.getByText("It needs a name").waitFor();
      assert.equal(await name.getAttribute("aria-invalid"), "true");
    }
    assert.equal(await builder.text(), before);
    await builder.add("state.tracker");
    await builder.card("tracker").waitFor();
    await builder.choose("connector");
    await name.fill("tracker");
    await name.press("Enter");
    await builder.inspector.getByText(/name "tracker".* is taken/).waitFor();
    forget({ faults }, 400);
    await tracker.selectOption("tracker");
    await builder.card("connector").getByText("1 problem").waitFor();
  },
);

browserTest(
  "many steps are taken back and done again at once, and a new one ends what was left",
  stage,
  async ({ page }) => {
    const builder = await new BuilderPage(page, "shop").open();
    const [undo, redo] = [builder.button(/^Undo/), builder.button(/^Redo/)];
    assert.equal(await redo.isDisabled(), true);
    for (
      const [index, type] of ["http.server", "http.server", "health.checker"]
        .entries()
    ) {
      await builder.add(type);
      await builder.has(index + 1);
    }
    const names = await builder.cards.evaluateAll((cards) =>
      cards.map((card) => card.getAttribute("data-id"))
    );
    assert.deepEqual(names, ["server", "server-2", "checker"]);
    const after = await builder.text();
    for (let step = 0; step < 3; step++) await undo.click();
    await builder.has(0);
    for (let step = 0; step < 3; step++) await redo.click();
    await builder.has(3);
    assert.equal(await builder.text(), after);
    await undo.click();
    await builder.has(2);
    await redo.waitFor();
    await builder.menu("Clear");
    await builder.notice("The document is empty").waitFor();
    await builder.has(0);
    assert.equal(await redo.isDisabled(), true);
    await builder.add("http.router");
    await builder.has(1);
    await undo.click();
    await undo.click();
    await builder.has(2);
  },
);

browserTest(
  "a card stays where it is while others come and go, and a drag is taken back",
  stage,
  async ({ page }) => {
    const builder = await new BuilderPage(page, "shop").open();
    await builder.add("http.server");
    const card = builder.card("server");
    await card.waitFor();
    await builder.button("Show all").click();
    const place = await placeOf(card);
    await builder.add("http.router");
    await builder.has(2);
    assert.deepEqual(await placeOf(card), place);
    await builder.button(/^Undo/).click();
    await builder.has(1);
    assert.deepEqual(await placeOf(card), place);
    const [x, y] = place;
    await page.mouse.move(x + 40, y + 12);
    await page.mouse.down();
    await page.mouse.move(x + 140, y + 92, { steps: 6 });
    await page.mouse.up();
    await builder.button("Undo: Move").waitFor();
    assert.notDeepEqual(await placeOf(card), place);
    await page.keyboard.press("Control+z");
    await until(
      "it is back",
      async () => String(await placeOf(card)) === String(place),
    );
    await builder.has(1);
  },
);

browserTest(
  "a module that is removed takes its ties, and one run of typing is one step",
  stage,
  async ({ page }) => {
    const builder = await new BuilderPage(page, "forms").open();
    await builder.choose("connector");
    await builder.field("Tracker").selectOption("tracker");
    await until("they are tied", async () => await builder.edges.count() > 0);
    const ties = await builder.edges.count();
    await builder.choose("tracker");
    await builder.inspector.getByRole("button", { name: "Remove" }).click();
    await builder.card("tracker").waitFor({ state: "detached" });
    await until(
      "the tie is gone",
      async () => await builder.edges.count() < ties,
    );
    await builder.button("Undo: Remove tracker").click();
    await builder.card("tracker").waitFor();
    await until(
      "the tie is back",
      async () => await builder.edges.count() === ties,
    );
    await builder.choose("limit");
    const before = await builder.text();
    await builder.field("Requests per minute").pressSequentially("12345");
    assert.match(await builder.changed(before), /requestsPerMinute: \d+/);
    await until(
      "all is written",
      async () => (await builder.text()).includes("requestsPerMinute: 12345"),
    );
    await builder.button("Undo: Requests per minute of limit").click();
    assert.equal(await builder.text(), before);
  },
);

browserTest(
  "verbs, middlewares, triggers and keys of nobody stay through edits",
  stage,
  async ({ page }) => {
    const builder = await new BuilderPage(page, "kept").open();
    await builder.choose("limit");
    await builder.field("Requests per minute").fill("9");
    await builder.choose("orders");
    const name = builder.field("Name");
    await name.fill("answers");
    await name.press("Enter");
    await builder.card("answers").waitFor();
    const { added, removed } = differences(KEPT, await builder.text());
    assert.deepEqual(
      removed,
      [
        "  - name: orders",
        "      - { method: GET, path: /orders, handler: orders }",
        "      - { method: POST, path: /orders, handler: orders, middlewares: [limit] }",
        '      - { id: nightly, cron: "0 3 * * *", workflow: http, action: orders }',
      ].filter((line) => removed.includes(line)),
    );
    assert.deepEqual(added.slice(0, 5), [
      ...["    config:", "      requestsPerMinute: 9", "  - name: answers"],
      "      - { method: GET, path: /orders, handler: answers }",
      "      - { method: POST, path: /orders, handler: answers, middlewares: [limit] }",
    ]);
    await builder.has(4);
  },
);
