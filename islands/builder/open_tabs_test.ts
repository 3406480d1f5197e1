import assert from "node:assert/strict";
import {
  addressOf,
  readTabs,
  shownAt,
  type Tabs,
  withoutClosed,
  withShown,
} from "./open_tabs.ts";

const three = (shown: string | undefined): Tabs => ({
  ids: ["a", "b", "c"],
  shown,
});

Deno.test("a document that is opened comes last, and once", () => {
  assert.deepEqual(withShown(three("a"), "d"), {
    ids: ["a", "b", "c", "d"],
    shown: "d",
  });
  assert.deepEqual(withShown(three("a"), "b"), three("b"));
});

Deno.test("the tab that follows takes the place of one that is closed", () => {
  assert.equal(withoutClosed(three("b"), "b").shown, "c");
  assert.equal(withoutClosed(three("a"), "a").shown, "b");
});

Deno.test("of the last tab, the one before takes the place", () => {
  assert.equal(withoutClosed(three("c"), "c").shown, "b");
});

Deno.test("a tab that is closed beside the shown one leaves it where it is", () => {
  assert.deepEqual(withoutClosed(three("c"), "a"), {
    ids: ["b", "c"],
    shown: "c",
  });
});

Deno.test("nothing is shown after the only tab is closed", () => {
  const none = withoutClosed({ ids: ["a"], shown: "a" }, "a");
  assert.deepEqual(none, { ids: [], shown: undefined });
  assert.deepEqual(withoutClosed(none, "a"), none);
});

Deno.test("tabs come back from what was kept of them", () => {
  assert.deepEqual(readTabs(JSON.stringify(three("b"))), three("b"));
});

Deno.test("what was not kept by the builder gives no tabs", () => {
  for (const text of [null, "", "{", "null", "[]", '{"ids":"a"}']) {
    assert.equal(readTabs(text), undefined, String(text));
  }
  const odd = { ids: ["a", 1, "../b", "a", ""], shown: "../b" };
  assert.deepEqual(readTabs(JSON.stringify(odd)), {
    ids: ["a"],
    shown: undefined,
  });
});

Deno.test("an address names the document, the view and the node", () => {
  const shown = { id: "a.b", view: "machine:order paid", node: "web&x" };
  const address = addressOf(shown);
  assert.equal(address, "/d/a.b?view=machine%3Aorder+paid&node=web%26x");
  assert.deepEqual(shownAt(new URL(address, "http://h")), shown);
  const based = new URL(`/_${address}`, "http://h");
  assert.deepEqual(shownAt(based, "/_"), shown);
  assert.equal(addressOf({ id: "a", view: "modules" }), "/d/a");
});

Deno.test("an address of another page names no document", () => {
  for (const path of ["/", "/runs", "/d/", "/d/a/b"]) {
    assert.equal(shownAt(new URL(path, "http://h")), undefined, path);
  }
});
