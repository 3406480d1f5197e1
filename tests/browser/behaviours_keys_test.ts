/**
 * The keys of the builder, and where they mean something else.
 */
import assert from "node:assert/strict";
import { browserTest, stageOfFile, until } from "./_browser.ts";
import { BuilderPage, EMPTY } from "./_builder_page.ts";

const stage = await stageOfFile(EMPTY);

browserTest(
  "keys remove what is chosen, take back and do again",
  stage,
  async ({ page }) => {
    const builder = await new BuilderPage(page, "shop").open();
    const press = (key: string) => page.keyboard.press(key);
    await builder.add("http.server");
    await builder.add("http.router");
    await builder.add("health.checker");
    await builder.has(3);
    for (const key of ["Delete", "Backspace"]) {
      await builder.choose("checker");
      await press(key);
      await builder.has(2);
      await builder.inspector.getByText("Nothing is chosen").waitFor();
      await builder.button("Undo: Remove checker").click();
      await builder.has(3);
    }
    // Nothing is chosen, so that nothing is removed.
    await press("Escape");
    await press("Delete");
    await builder.has(3);
    await press("Control+z");
    await builder.has(2);
    for (const key of ["Control+Shift+z", "Control+y"]) {
      await press(key);
      await builder.has(3);
      await press("Control+z");
      await builder.has(2);
    }
    for (const left of [1, 0]) {
      await press("Control+z");
      await builder.has(left);
    }
    // There is nothing more to take back.
    await press("Control+z");
    await builder.has(0);
  },
);

browserTest(
  "keys that are typed into a field mean the field",
  stage,
  async ({ page }) => {
    const builder = await new BuilderPage(page, "shop").open();
    await builder.add("http.server");
    await builder.add("http.middleware.logging");
    await builder.choose("server");
    const name = builder.field("Name");
    await name.focus();
    await page.keyboard.press("End");
    for (const key of ["Backspace", "Delete", "a", "n", "/"]) {
      await page.keyboard.press(key);
    }
    assert.equal(await name.inputValue(), "servean/");
    await page.keyboard.press("Escape");
    assert.equal(await name.inputValue(), "server");
    await builder.has(2);
    const address = builder.field("Address");
    await address.fill(":80");
    await address.press("Backspace");
    await until(
      "it is written",
      async () => /address: "?:8"?\n/.test(await builder.text()),
    );
    await builder.has(2);
    await builder.choose("logging");
    await builder.field("Log level").focus();
    await page.keyboard.press("Delete");
    await builder.has(2);
    await page.getByPlaceholder("Add a module").fill("x");
    await page.keyboard.press("Backspace");
    await builder.has(2);
  },
);

browserTest(
  "every button of the bar, the canvas and the panel is reached with the keyboard",
  stage,
  async ({ page }) => {
    const builder = await new BuilderPage(page, "shop").open();
    await builder.add("http.middleware.cors");
    await builder.has(1);
    const wanted = new Set([
      ...["Save", "Deploy", "More", "Undo: Add cors", "Zoom in", "Zoom out"],
      ...["Show all", "Tidy", "Close the inspector", "Remove", "CORS"],
    ]);
    await page.locator(".skip").focus();
    for (let step = 0; step < 300 && wanted.size > 0; step++) {
      await page.keyboard.press("Tab");
      wanted.delete(
        await page.evaluate(() => {
          const { activeElement: one } = document;
          return one?.getAttribute("aria-label") ?? one?.textContent?.trim() ??
            "";
        }),
      );
    }
    assert.deepEqual([...wanted], []);
  },
);

browserTest(
  "Ctrl S saves, also out of a field, and says so",
  stage,
  async ({ page, api }) => {
    const builder = await new BuilderPage(page, "shop").open();
    await builder.add("http.router");
    await builder.choose("router");
    await builder.field("Name").focus();
    await page.keyboard.press("Control+s");
    await builder.notice("Saved").waitFor();
    await page.locator("[title='Not saved']").waitFor({ state: "detached" });
    const [{ etag }] = await api("/api/documents");
    assert.match(
      await builder.text(),
      /- name: router\n {4}type: http\.router/,
    );
    // Once more there is nothing to write.
    await page.keyboard.press("Control+s");
    assert.equal((await api("/api/documents"))[0].etag, etag);
  },
);
