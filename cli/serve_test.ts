import assert from "node:assert/strict";
import { catalog } from "../catalog.gen.ts";
import { serve, type ServeOptions } from "./serve.ts";

function options(folder: string): ServeOptions {
  return {
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
  };
}

Deno.test("serve() runs nothing of an empty folder, and says so", async () => {
  const folder = await Deno.makeTempDir();
  const config = [`${folder}/documents`];
  const lines: string[] = [];
  try {
    await Deno.mkdir(config[0] ?? "");
    const print = (line: string) => void lines.push(line);
    const given = { ...options(folder), config, watch: true, print };
    const serving = await serve(given);
    await serving.stop();
    assert.match(
      lines.join("\n"),
      /Nothing runs yet: no document is in .*documents/,
    );
    assert.match(lines.at(-1) ?? "", /^ready http:/);
    // Nobody would reach the builder.
    const shared = { ...given, singlePort: true };
    await assert.rejects(serve(shared), /it holds no \.yaml file/);
    // One of several is more likely a mistake.
    await Deno.writeTextFile(`${folder}/app.yaml`, "modules: []\n");
    const several = { ...given, config: [`${folder}/app.yaml`, ...config] };
    await assert.rejects(serve(several), /it holds no \.yaml file/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("serve() keeps the store from others, also in a folder that all may read", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.chmod(folder, 0o755);
    await Deno.writeTextFile(`${folder}/app.yaml`, "modules: []\n");
    const serving = await serve(options(folder));
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
