/**
 * Where the browser begins: brings the islands of the page to life, each with the
 * code that only it needs.
 *
 * @module
 */
import { h, render } from "preact";
import { type IslandName, ISLANDS } from "./islands.ts";

for (const root of document.querySelectorAll<HTMLElement>("[data-island]")) {
  const name = root.dataset.island as IslandName;
  const props = JSON.parse(root.dataset.props ?? "{}");
  const { default: Island } = await ISLANDS[name]();
  // The server has drawn a skeleton of it, which goes.
  root.replaceChildren();
  render(h(Island as never, props), root);
}
