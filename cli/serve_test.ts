import assert from "node:assert/strict";
import { catalog } from "../catalog.gen.ts";
import { serve } from "./serve.ts";

Deno.test("serve() keeps the store from others, also in a folder that all may read", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.chmod(folder, 0o755);
    await Deno.writeTextFile(`${folder}/app.yaml`, "modules: []\n");
    const serving = await serve({
      catalog,
      config: [`${folder}/app.yaml`],
      data: folder,
      storeUrl: undefined,
      managementAddress: "127.0.0.1:0",
      publicUrl: undefined,
      singlePort: false,
      strict: false,
      watch: false,
      logFormat: "human",
      env: () => undefined,
      print: () => {},
    });
    const modes: Record<string, string> = {};
    for (const name of ["store.kv", "store.kv-wal", "management-token"]) {
      const { mode } = await Deno.stat(`${folder}/${name}`);
      modes[name] = ((mode ?? 0) & 0o777).toString(8);
    }
    await serving.stop();
    assert.deepEqual(modes, {
      "store.kv": "600",
      "store.kv-wal": "600",
      "management-token": "600",
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
