/**
 * The component host as a compiled binary starts it. A binary cannot be made on
 * every machine: here the same function runs in a process with all permissions.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { encodeFrame, FrameReader, TOKEN_BYTES } from "./protocol.ts";
import { ofBinary } from "./spawn_host.ts";
import { readTypeLibraries } from "./type_libraries.ts";

const CONFINED = new URL("./host/confined.ts", import.meta.url).href;

const CONFIG = fileURLToPath(new URL("../deno.json", import.meta.url));

/** What a process says that becomes a host, and how it ends. */
async function becomes(
  script: string,
  env: Readonly<Record<string, string>>,
  input: Uint8Array<ArrayBuffer>,
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
    await writer.write(input).catch(() => {});
    await writer.close().catch(() => {});
    const { code, stdout, stderr } = await child.output();
    return { code, stdout, stderr: new TextDecoder().decode(stderr) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const become = (role: string) =>
  `import { becomeHost } from "${CONFINED}";
await becomeHost("${role}");`;

Deno.test("a process that becomes a component host gives everything up, and serves", async () => {
  const token = Uint8Array.from({ length: TOKEN_BYTES }, (_, i) => i);
  const ping = new TextEncoder().encode('[{"do":"ping","ping":7}]');
  const frame = encodeFrame({ component: 0, bytes: ping });
  const input = new Uint8Array(token.length + frame.length);
  input.set(token);
  input.set(frame, token.length);
  const { code, stdout, stderr } = await becomes(
    become("main"),
    ofBinary("main").env,
    input,
  );
  assert.deepEqual([code, stderr], [0, ""]);
  const said = new FrameReader(token).read(stdout as Uint8Array<ArrayBuffer>)
    .flatMap(({ bytes }) => JSON.parse(new TextDecoder().decode(bytes)));
  assert.deepEqual(said, [{ is: "ready" }, { is: "pong", ping: 7 }]);
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
