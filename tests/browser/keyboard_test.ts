/**
 * Builds an application that takes orders, from an empty canvas to an answered
 * request, with nothing but the keyboard.
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { browserTest, stageOfFile } from "./_browser.ts";

const stage = await stageOfFile("modules: []\n");

/** Somebody at the keyboard. */
class Typist {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.#page.keyboard.press(key);
  }

  /** Does something by its name in the command menu. */
  async command(name: string): Promise<void> {
    await this.press("Escape", "Control+k");
    await this.choose(name);
  }

  /** Takes the first that a search in a dialog finds. */
  async choose(name: string): Promise<void> {
    await this.#page.getByRole("combobox").and(
      this.#page.locator(":focus"),
    ).waitFor();
    await this.#page.keyboard.type(name);
    const first = this.#page.getByRole("listbox").getByRole("option", {
      selected: true,
    });
    await first.getByText(name).first().waitFor();
    await this.press("Enter");
    await first.waitFor({ state: "detached" });
  }

  /** Goes on with Tab until something with a name has the focus. */
  async tabTo(name: string): Promise<void> {
    const names: string[] = [];
    for (let i = 0; i < 80; i++) {
      const present = await this.#page.evaluate(nameOfFocused);
      if (present === name) return;
      names.push(present);
      await this.press("Tab");
    }
    assert.fail(`Nothing called “${name}” can be reached: ${names.join(", ")}`);
  }

  /** Writes into a field of the settings, and leaves it. */
  async set(field: string, value: string): Promise<void> {
    await this.#write(field, value);
    await this.press("Escape");
  }

  /** Adds a module and gives it a name. */
  async add(label: string, name: string): Promise<void> {
    await this.command(`Add ${label}`);
    await this.#page.locator(".inspector .head strong").waitFor();
    await this.#write("Name", name);
    await this.#page.locator(".inspector .head strong", { hasText: name })
      .waitFor();
  }

  /** Ties what is chosen to another module, in one of the ways to do so. */
  async tie(to: string, way: string): Promise<void> {
    await this.press("t");
    await this.choose(to);
    await this.#page.getByRole("dialog").getByText(way).waitFor();
    await this.tabTo(way);
    await this.press("Enter");
  }

  async #write(field: string, value: string): Promise<void> {
    await this.press("i");
    await this.tabTo(field);
    await this.press("Control+a");
    await this.#page.keyboard.type(value);
    await this.press("Enter");
  }
}

/** How a screen reader would call what has the focus, near enough. */
function nameOfFocused(): string {
  const focused = document.activeElement as HTMLInputElement | null;
  const named = focused?.getAttribute("aria-label") ??
    (focused?.labels?.[0] ?? focused?.querySelector("strong") ?? focused)
      ?.textContent ??
    "";
  return named.replace("*", "").trim();
}

browserTest(
  "Escape leaves a name as it was",
  stage,
  async ({ page }) => {
    await page.goto("/d/shop");
    await page.getByText("No modules yet").waitFor();
    const typist = new Typist(page);
    await typist.command("Add HTTP router");
    await page.locator(".inspector .head strong").waitFor();
    await typist.press("i");
    await typist.tabTo("Name");
    await page.keyboard.type("other");
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await typist.press("Escape");
    await page.locator(".inspector .head strong").getByText("router").waitFor();
    const renamings = asked.filter((url) => url.endsWith("/renaming"));
    assert.deepEqual(renamings, []);
  },
);

browserTest(
  "an application that takes orders is built with the keyboard alone",
  stage,
  async ({ page, api }) => {
    await page.goto("/d/shop");
    await page.getByText("No modules yet").waitFor();
    const typist = new Typist(page);
    await typist.add("HTTP server", "web");
    await typist.set("Address", "127.0.0.1:0");
    await typist.add("HTTP router", "router");
    await typist.tie("web", "router starts after web");
    await typist.add("API handler", "orders");
    await typist.set("Resource name", "orders");
    await typist.set("Workflow type", "machine");
    await typist.command("Add a state machine");
    await typist.command("Add a state");
    await typist.command("Go to new");
    await typist.press("t");
    await typist.choose("state");
    for (
      const [method, path] of [
        ["POST", "/orders"],
        ["GET", "/orders/{id}"],
        ["PUT", "/orders/{id}/transition"],
      ] as const
    ) {
      await typist.command("Go to router");
      await typist.tie("orders", "New route");
      await typist.set("Method", method);
      await typist.set("Path", path);
    }
    await typist.command("Deploy");
    await typist.tabTo("Deploy");
    await typist.press("Enter");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    const { addresses: [address] } = await api("/api/workflow/status");
    const made = await fetch(new URL("/orders", address), {
      method: "POST",
      body: JSON.stringify({ id: "A1", total: 12 }),
    });
    await made.body?.cancel();
    assert.equal(made.status, 201);
    const moved = await fetch(new URL("/orders/A1/transition", address), {
      method: "PUT",
      body: JSON.stringify({ transition: "new_to_state" }),
    });
    await moved.body?.cancel();
    assert.equal(moved.status, 200);
    const { state, data } = await (await fetch(
      new URL("/orders/A1", address),
    )).json();
    assert.equal(state, "state");
    assert.deepEqual(data, { id: "A1", total: 12 });
  },
);
