import assert from "node:assert/strict";
import { isDocumentId } from "../../engine/config/document_id.ts";
import { nameFault, nameOfFile } from "./document_name.ts";

Deno.test("a document may be called as no other is, whatever the case", () => {
  assert.equal(nameFault("orders-2", ["orders"]), undefined);
  assert.match(nameFault("orders", ["orders"]) ?? "", /“orders” already/);
  assert.match(nameFault("Orders", ["orders"]) ?? "", /“orders” already/);
});

Deno.test("a name that leads elsewhere or is none is refused", () => {
  const refused = [
    ...["", ".", "..", "../a", "a/b", "a b", ".hidden", "_a", "ä"],
    "x".repeat(129),
  ];
  for (const name of refused) assert.ok(nameFault(name, []), name);
});

Deno.test("a file gives a name that a document may have", () => {
  const names = {
    "shop.yaml": "shop",
    "My shop (2).JSON": "My-shop-2",
    "_notes.yml": "notes",
    [`${"x".repeat(200)}.yaml`]: "x".repeat(128),
  };
  for (const [file, name] of Object.entries(names)) {
    assert.equal(nameOfFile(file), name);
    assert.ok(isDocumentId(name));
  }
  assert.equal(nameOfFile("….yaml"), "");
});
