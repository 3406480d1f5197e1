import assert from "node:assert/strict";
import { placeOf } from "./place.ts";

const asked = { data: "/var/lib/app", storeUrl: undefined, singlePort: false };
const none = () => undefined;

Deno.test("placeOf() keeps everything under the data folder of a machine", () => {
  assert.deepEqual(placeOf({ ...asked, env: none }), {
    storeUrl: "/var/lib/app/store.kv",
    storeFile: "/var/lib/app/store.kv",
    folder: "/var/lib/app",
    singlePort: false,
  });
});

Deno.test("placeOf() knows that Deno Deploy has one port and no folder", () => {
  const env = (name: string) =>
    name === "DENO_DEPLOYMENT_ID" ? "abc" : undefined;
  assert.deepEqual(placeOf({ ...asked, env }), {
    storeUrl: "deploy:",
    storeFile: undefined,
    folder: undefined,
    singlePort: true,
  });
});

Deno.test("placeOf() keeps the store where it is told, and the rest in the folder", () => {
  const storeUrl = "postgres://me:secret@db/app?schema=orders";
  assert.deepEqual(placeOf({ ...asked, storeUrl, env: none }), {
    storeUrl,
    storeFile: undefined,
    folder: "/var/lib/app",
    singlePort: false,
  });
  const env = (name: string) => name === "DENO_DEPLOY" ? "1" : undefined;
  assert.deepEqual(placeOf({ ...asked, storeUrl, env }), {
    storeUrl,
    storeFile: undefined,
    folder: undefined,
    singlePort: true,
  });
  assert.equal(
    placeOf({ ...asked, storeUrl: "", env: none }).storeUrl,
    "/var/lib/app/store.kv",
  );
});

Deno.test("placeOf() knows which stores are files", () => {
  const files: [string, string | undefined][] = [
    ["/srv/a.kv", "/srv/a.kv"],
    ["a.kv", "a.kv"],
    ["kv:/srv/a.kv", "/srv/a.kv"],
    ["C:\\a.kv", "C:\\a.kv"],
    ["kv:", undefined],
    ["kv:https://db.example/id", undefined],
    ["memory:", undefined],
    ["deploy:", undefined],
  ];
  for (const [storeUrl, file] of files) {
    assert.equal(placeOf({ ...asked, storeUrl, env: none }).storeFile, file);
  }
});
