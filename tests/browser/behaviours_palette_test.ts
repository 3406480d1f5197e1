/**
 * The palette and the canvas: every type of module, what an empty document allows,
 * what is chosen, zoom, and many cards.
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import type { FormField } from "@engine/derive/form.ts";
import type { PaletteEntry } from "@engine/derive/palette.ts";
import { browserTest, stageOfFile, until } from "./_browser.ts";
import { BuilderPage, EMPTY } from "./_builder_page.ts";

/** So many cards are many. */
const MANY = 60;

/** A page with many cards is there within this time, in milliseconds. */
const MANY_MS = 5_000;

const stage = await stageOfFile(EMPTY);

/** The labels of a form as it is drawn: those of an object with its fields. */
function labelsOf(fields: readonly FormField[]): readonly string[] {
  return fields.flatMap((field) => [
    field.label,
    ...field.type === "object" ? labelsOf(field.fields ?? []) : [],
  ]);
}

/** The names that modules of some types are given, one after the other. */
function namesOf(types: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  return types.map((type) => {
    const base = type.split(".").at(-1) ?? type;
    const count = (counts.get(base) ?? 0) + 1;
    counts.set(base, count);
    return count === 1 ? base : `${base}-${count}`;
  });
}

/** The labels that a form shows, and those that belong to no control. */
function formOf(page: Page) {
  return page.locator(".inspector .form").evaluate((form) => {
    const labels = [...form.querySelectorAll<HTMLLabelElement>(".row label")];
    return {
      labels: labels.map((label) => label.firstChild?.textContent ?? ""),
      lost: labels.filter(({ htmlFor, control }) => {
        const part = control ?? document.getElementById(htmlFor);
        return control === null && !part?.hasAttribute("aria-label");
      }).map((label) => label.textContent),
    };
  });
}

/** What does nothing is not offered. */
function typesOf(all: readonly PaletteEntry[]): readonly PaletteEntry[] {
  return all.filter(({ stability }) => stability !== "inert");
}

browserTest(
  "a module of every type is added, and shows its card, its form and its two lines",
  stage,
  async ({ page, api }) => {
    const entries = typesOf(await api("/api/workflow/modules"));
    assert.ok(entries.length >= 55, String(entries.length));
    const names = namesOf(entries.map(({ type }) => type));
    const builder = await new BuilderPage(page, "shop").open();
    for (const [index, { type, configFields }] of entries.entries()) {
      const name = names[index] ?? "";
      await builder.add(type);
      const card = builder.card(name);
      await card.waitFor();
      assert.equal(await card.locator("strong").textContent(), name);
      assert.equal(await card.locator("code").textContent(), type);
      const head = builder.inspector.locator(".head", { hasText: name });
      assert.equal(await head.locator("code").textContent(), type);
      const { labels, lost } = await formOf(page);
      assert.deepEqual(labels, ["Name", ...labelsOf(configFields)], type);
      assert.deepEqual(lost, [], `${type} has labels without a control`);
    }
    const lines = entries.map(({ type }, index) =>
      `  - name: ${names[index]}\n    type: ${type}\n`
    );
    assert.equal(await builder.text(), `modules:\n${lines.join("")}`);
    await builder.has(entries.length);
  },
);

browserTest(
  "an empty document says how to begin, and disables what cannot be done",
  stage,
  async ({ page, api }) => {
    const builder = await new BuilderPage(page, "shop").open();
    await page.getByRole("heading", { name: "No modules yet" }).waitFor();
    await page.getByRole("heading", { name: "Nothing is chosen" }).waitFor();
    await builder.has(0);
    for (const name of ["Save", "Undo", "Redo"]) {
      const button = page.getByRole("button", { name, exact: true });
      assert.equal(await button.isDisabled(), true, name);
    }
    await builder.button("More").click();
    const offered = await page.locator(".menu li button").evaluateAll((all) =>
      all.map((one) => [
        one.querySelector("span")?.textContent,
        (one as HTMLButtonElement).disabled,
      ])
    );
    assert.deepEqual(Object.fromEntries(offered), {
      ...{ "Add a note": false, "Import a file": false, "Keys": false },
      ...{ "Group what is chosen": true, "Ungroup": true },
      ...{ "Export YAML": true, "Export JSON": true, "Clear": true },
    });
    await page.keyboard.press("Escape");
    // Every type is in a category that says how many it has.
    const entries = typesOf(await api("/api/workflow/modules"));
    const counts = await page.locator(".palette h3 span").allTextContents();
    const sum = counts.reduce((total, count) => total + Number(count), 0);
    assert.equal(sum, entries.length);
    assert.equal(await page.locator(".palette .item").count(), entries.length);
  },
);

browserTest(
  "a category of the palette is folded and unfolded, and what is looked for is shown",
  stage,
  async ({ page }) => {
    const builder = await new BuilderPage(page, "shop").open();
    const items = page.locator(".palette .item");
    const count = await items.count();
    const category = builder.button(/^HTTP \d+$/);
    await category.click();
    assert.equal(await category.getAttribute("aria-expanded"), "false");
    const router = page.locator('.palette .item[title$="(http.router)"]');
    await router.waitFor({ state: "detached" });
    await page.getByPlaceholder("Add a module").fill("http.router");
    await router.waitFor();
    await page.getByPlaceholder("Add a module").fill("no such module");
    await page.getByText("No module is called “no such module”").waitFor();
    await page.getByPlaceholder("Add a module").fill("");
    await category.press("Enter");
    await router.waitFor();
    assert.equal(await items.count(), count);
  },
);

browserTest(
  "the palette is one stop of the Tab key, and arrows go on in it",
  stage,
  async ({ page }) => {
    const builder = await new BuilderPage(page, "shop").open();
    const here = () =>
      page.evaluate(() => {
        const { activeElement: one } = document;
        if (one?.closest(".palette") === null) return "elsewhere";
        return one?.getAttribute("aria-label") ?? one?.textContent?.trim();
      });
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
      return await here();
    };
    await page.getByPlaceholder("Add a module").focus();
    const first = await press("Tab");
    const name = await press("ArrowDown");
    assert.notEqual(name, first);
    assert.equal(await press("ArrowRight"), `Favourite: ${name}`);
    assert.equal(await press("ArrowLeft"), name);
    const second = await press("ArrowRight", "ArrowDown");
    assert.notEqual(second, name);
    assert.equal(await press("Home"), first);
    const last = await press("End");
    assert.equal(await press("Tab"), "elsewhere");
    assert.equal(await press("Shift+Tab"), last);
    await press("Enter");
    await builder.has(1);
    // What is found is reached as well, over the heads of its categories.
    await page.getByPlaceholder("Add a module").fill("router");
    await page.getByPlaceholder("Add a module").focus();
    const found = await press("Tab");
    assert.notEqual(found, "elsewhere");
    assert.notEqual(await press("End"), found);
    assert.equal(await press("Home"), found);
  },
);

browserTest(
  "a click or two choose a card, and a click beside it lets go",
  stage,
  async ({ page }) => {
    const builder = await new BuilderPage(page, "shop").open();
    await builder.add("http.server");
    await builder.add("health.checker");
    await builder.has(2);
    const type = builder.inspector.locator(".head code");
    await builder.choose("server");
    assert.equal(await type.textContent(), "http.server");
    await builder.chooseNothing();
    await builder.card("checker").dblclick();
    await builder.inspector.getByText("health.checker").waitFor();
    await builder.has(2);
    await builder.choose("server");
    assert.equal(await type.textContent(), "http.server");
    await builder.button("Close the inspector").click();
    await builder.inspector.getByText("Nothing is chosen").waitFor();
  },
);

browserTest(
  `${MANY} modules are shown, zoomed and moved at once`,
  stage,
  async ({ page }) => {
    const builder = await new BuilderPage(page, "shop").open();
    const modules = Array.from(
      { length: MANY },
      (_, index) => `  - { name: tracker-${index}, type: state.tracker }\n`,
    );
    const begin = performance.now();
    await builder.take("many.yaml", `modules:\n${modules.join("")}`);
    await builder.has(MANY);
    const tookMs = performance.now() - begin;
    assert.ok(tookMs < MANY_MS, `${tookMs} ms`);
    await page.locator(".react-flow__background").waitFor({
      state: "attached",
    });
    await page.getByRole("img", { name: `Map of ${MANY} cards` }).waitFor();
    const zoom = page.locator(".zoom");
    const percent = async () => parseInt(await zoom.textContent() ?? "");
    const before = await percent();
    for (let step = 0; step < 3; step++) {
      await builder.button("Zoom in").click();
    }
    await until("it is nearer", async () => await percent() > before);
    for (let step = 0; step < 5; step++) {
      await builder.button("Zoom out").click();
    }
    await until("it is farther", async () => await percent() < before);
    await zoom.click();
    await until("it is as large as life", async () => await percent() === 100);
    const view = page.locator(".react-flow__viewport");
    const place = await view.getAttribute("style");
    await page.locator(".react-flow__pane").hover({
      position: { x: 8, y: 200 },
    });
    await page.mouse.down();
    await page.mouse.move(700, 500, { steps: 4 });
    await page.mouse.up();
    assert.notEqual(await view.getAttribute("style"), place);
    await builder.button("Show all").click();
    await until(
      "all are in view",
      async () =>
        await builder.cards.evaluateAll((cards) =>
          cards.every((card) => card.getBoundingClientRect().left > 280)
        ),
    );
    await page.getByRole("tab", { name: "Problems" }).click();
    await page.getByText("Nothing is wrong").waitFor();
  },
);
