/**
 * The component host as a compiled binary starts it. A binary cannot be made on
 * every machine: here the same function runs in a process with all permissions.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { encodeFrame, FrameReader, joined, TOKEN_BYTES } from "./protocol.ts";
import { ofBinary } from "./spawn_host.ts";
import { readTypeLibraries } from "./type_libraries.ts";

const CONFINED = new URL("./host/confined.ts", import.meta.url).href;

const CONFIG = fileURLToPath(new URL("../deno.json", import.meta.url));

/**
 * What a process says that becomes a host, and how it ends.
 *
 * @param awaited Its input stays open until it has said this.
 */
async function becomes(
  script: string,
  env: Readonly<Record<string, string>>,
  input: Uint8Array<ArrayBuffer>,
  awaited = "",
) {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/start.ts`;
    await Deno.writeTextFile(file, script);
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--config", CONFIG, file],
      env: { ...env, NO_COLOR: "1" },
      ...{ stdin: "piped", stdout: "piped", stderr: "piped" },
    }).spawn();
    const writer = child.stdin.getWriter();
    const stderr = new Response(child.stderr).text();
    await writer.write(input).catch(() => {});
    if (awaited === "") await writer.close().catch(() => {});
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    for await (const chunk of child.stdout) {
      chunks.push(chunk);
      const said = new TextDecoder().decode(joined(chunks));
      if (awaited !== "" && said.includes(awaited)) {
        await writer.close().catch(() => {});
      }
    }
    const { code } = await child.status;
    return { code, stdout: joined(chunks), stderr: await stderr };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const become = (role: string) =>
  `import { becomeHost } from "${CONFINED}";
await becomeHost("${role}");`;

Deno.test("a process that becomes a component host gives everything up, and serves", async () => {
  const token = Uint8Array.from({ length: TOKEN_BYTES }, (_, i) => i);
  const load = {
    ...{ do: "load", component: 1, code: "export const name = 'alive';" },
    ...{ env: {}, secrets: {}, services: {}, outputMax: 1_000 },
  };
  const bytes = new TextEncoder().encode(JSON.stringify([load]));
  const { code, stdout, stderr } = await becomes(
    become("main"),
    ofBinary("main").env,
    joined([token, encodeFrame({ component: 0, bytes })]),
    "alive",
  );
  assert.deepEqual([code, stderr], [0, ""]);
  const frames = new FrameReader(token).read(stdout);
  const said = (component: number) =>
    frames.filter((frame) => frame.component === component)
      .flatMap(({ bytes }) => JSON.parse(new TextDecoder().decode(bytes)));
  assert.deepEqual(said(0)[0], { is: "ready" });
  assert.deepEqual(said(1), [{
    loaded: { name: "alive", contract: null, functions: [] },
  }]);
});

Deno.test("a process in which code from strings runs becomes no component host", async () => {
  const { code, stderr } = await becomes(
    become("main"),
    {},
    new Uint8Array(TOKEN_BYTES),
  );
  assert.equal(code, 1);
  assert.match(stderr, /Cannot be a component host: code from strings is left/);
});

Deno.test("a process that reads a source gives everything up before", async () => {
  const source = new TextEncoder().encode("export const a: number = 1;");
  const { stdout, stderr } = await becomes(
    become("strip"),
    ofBinary("strip").env,
    source,
  );
  const said = JSON.parse(new TextDecoder().decode(stdout));
  assert.deepEqual([said, stderr], [{
    code: "export const a         = 1;",
  }, ""]);
});

Deno.test("a process that checks types gives everything up before", async () => {
  const request = {
    ...{ text: "export const a: number = '1';", file: "code.ts" },
    ...await readTypeLibraries(),
  };
  const { stdout, stderr } = await becomes(
    become("check"),
    ofBinary("check").env,
    new TextEncoder().encode(JSON.stringify(request)),
  );
  const { faults } = JSON.parse(new TextDecoder().decode(stdout));
  assert.deepEqual([faults.length, faults[0].code, stderr], [1, "TS2322", ""]);
});
