/**
 * What tests do in the builder: open a document, add, look, take files in and out.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { diffLines } from "diff";
import type { Locator, Page } from "playwright-core";
import { until } from "./_browser.ts";

/** A document without anything. */
export const EMPTY = "modules: []\n";

/** The builder with one document. */
export class BuilderPage {
  readonly page: Page;
  readonly id: string;

  constructor(page: Page, id: string) {
    this.page = page;
    this.id = id;
  }

  /** Opens it; a draft of an earlier test is in another session. */
  async open(): Promise<this> {
    await this.page.goto(`/d/${this.id}`);
    await this.page.locator(".cm-content").waitFor();
    return this;
  }

  card(name: string): Locator {
    return this.page.locator(`.react-flow__node[data-id="${name}"]`);
  }

  get cards(): Locator {
    return this.page.locator(".react-flow__node");
  }

  get edges(): Locator {
    return this.page.locator(".react-flow__edge");
  }

  /** The panel of what is chosen. */
  get inspector(): Locator {
    return this.page.locator(".inspector");
  }

  /** A tool or a button, by what it is called. */
  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name });
  }

  /** A control of the form, by its label. */
  field(label: string): Locator {
    return this.inspector.locator(".row", {
      // What is needed has a star.
      has: this.page.locator("label", {
        hasText: new RegExp(`^${label}\\*?$`),
      }),
    }).last().locator("input, textarea, select").first();
  }

  /** Chooses a card where nothing lies over it. */
  async choose(name: string): Promise<void> {
    await this.card(name).locator("header").click();
    await this.inspector.locator("strong", { hasText: name }).waitFor();
  }

  /** Lets go of what is chosen, so that keys mean the canvas. */
  async chooseNothing(): Promise<void> {
    await this.page.locator(".react-flow__pane").click({
      position: { x: 6, y: 300 },
    });
    await this.inspector.getByText("Nothing is chosen").waitFor();
  }

  /** Adds one of a type with a click in the palette. */
  async add(type: string): Promise<void> {
    await this.page.locator(`.palette .item[title$="(${type})"]`).click();
  }

  /** The text as it is now. */
  async text(): Promise<string> {
    const draft = await this.page.evaluate(
      (key) => sessionStorage.getItem(key),
      `draft ${this.id}`,
    );
    if (draft !== null) return draft;
    // What is not changed is as it was saved.
    return await this.page.evaluate(
      async (path) => await (await fetch(path)).text(),
      `/api/documents/${this.id}`,
    );
  }

  /** Waits until the number of modules is so, on the canvas and in the bar. */
  async has(count: number): Promise<void> {
    await until(
      `there are ${count} cards`,
      async () => await this.cards.count() === count,
    );
    const words = `· ${count} ${count === 1 ? "module" : "modules"}`;
    await this.page.locator(".top .pill", { hasText: words }).waitFor();
  }

  /** Does what is in the menu. */
  async menu(name: string): Promise<void> {
    await this.button("More").click();
    await this.page.locator(".menu li").getByRole("button", { name }).click();
  }

  /** Takes a file in, as if it were chosen. */
  async take(name: string, content: string): Promise<void> {
    await this.page.getByLabel("File to import").setInputFiles({
      name,
      mimeType: "text/plain",
      buffer: Buffer.from(content),
    });
  }

  /** Gives the document out: the name of the file, and what is in it. */
  async give(name: string): Promise<{ name: string; content: string }> {
    const coming = this.page.waitForEvent("download");
    await this.menu(name);
    const download = await coming;
    return {
      name: download.suggestedFilename(),
      content: await Deno.readTextFile(await download.path()),
    };
  }

  /** A notice with these words. */
  notice(text: string | RegExp): Locator {
    return this.page.locator(".told-line").getByText(text);
  }

  /** Resolves with the text once it is another one. */
  async changed(before: string): Promise<string> {
    let now = before;
    await until("the text is changed", async () => {
      now = await this.text();
      return now !== before;
    });
    return now;
  }
}

/** The lines that one text has more than another, and the lines that it lacks. */
export function differences(before: string, after: string): {
  readonly added: readonly string[];
  readonly removed: readonly string[];
} {
  const changes = diffLines(before, after);
  const linesOf = (value: string) => value.replace(/\n$/, "").split("\n");
  return {
    added: changes.flatMap(({ added, value }) => added ? linesOf(value) : []),
    removed: changes.flatMap(({ removed, value }) =>
      removed ? linesOf(value) : []
    ),
  };
}

/** Where a card stands, in pixels. */
export async function placeOf(card: Locator): Promise<[number, number]> {
  const box = await card.boundingBox();
  assert.ok(box);
  return [Math.round(box.x), Math.round(box.y)];
}
