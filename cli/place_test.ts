import assert from "node:assert/strict";
import { placeOf } from "./place.ts";

const asked = { data: "/var/lib/app", singlePort: false };

Deno.test("placeOf() keeps everything under the data folder of a machine", () => {
  assert.deepEqual(placeOf({ ...asked, env: () => undefined }), {
    storeUrl: "/var/lib/app/store.kv",
    folder: "/var/lib/app",
    singlePort: false,
  });
});

Deno.test("placeOf() knows that Deno Deploy has one port and no folder", () => {
  const env = (name: string) =>
    name === "DENO_DEPLOYMENT_ID" ? "abc" : undefined;
  assert.deepEqual(placeOf({ ...asked, env }), {
    storeUrl: "deploy:",
    folder: undefined,
    singlePort: true,
  });
});
