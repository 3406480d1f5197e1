/**
 * The process as a user starts, watches, misconfigures and stops it.
 */
import assert from "node:assert/strict";
import { runProcess, startProcess } from "./_process.ts";

const DOCUMENT = (port: number, path = "/hello") => `
modules:
  - name: web
    type: http.server
    config: { address: "127.0.0.1:${port}" }
  - { name: router, type: http.router }
  - { name: hello, type: http.handler }
workflows:
  http:
    routes:
      - { method: GET, path: ${path}, handler: hello }
`;

async function folderWith(text: string) {
  const path = await Deno.makeTempDir();
  await Deno.writeTextFile(`${path}/app.yaml`, text);
  return {
    path,
    file: `${path}/app.yaml`,
    flags: [
      "--config",
      `${path}/app.yaml`,
      "--data",
      `${path}/data`,
      "--management-address",
      "127.0.0.1:0",
    ],
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

Deno.test("start prints one ready line, every address answers, SIGTERM ends it with 0", async () => {
  await using folder = await folderWith(DOCUMENT(0));
  await using process = await startProcess(folder.flags);
  const [application, management] = process.addresses;
  const hello = await fetch(`${application}/hello`);
  assert.equal(hello.status, 200);
  await hello.body?.cancel();
  const refused = await fetch(`${management}api/workflow/status`);
  assert.equal(refused.status, 401);
  await refused.body?.cancel();
  const token = /management token: (\S+)/.exec(process.output())?.[1];
  const status = await fetch(`${management}api/workflow/status`, {
    headers: { authorization: `Bearer ${token}` },
  });
  assert.equal((await status.json()).status, "running");
  assert.equal(await process.end("SIGTERM"), 0);
  assert.equal(process.output().match(/^ready/gm)?.length, 1);
});

Deno.test("start ends with 0 on SIGINT while an event stream is open", async () => {
  await using folder = await folderWith(DOCUMENT(0));
  await using process = await startProcess(folder.flags, {
    env: { WORKFLOW_TOKEN: "a-token-for-this-test" },
  });
  const stream = await fetch(`${process.addresses[1]}api/events`, {
    headers: { authorization: "Bearer a-token-for-this-test" },
  });
  const reader = stream.body!.getReader();
  await reader.read();
  assert.equal(await process.end("SIGINT"), 0);
  await reader.cancel().catch(() => {});
  assert.equal(process.output().includes("a-token-for-this-test"), false);
});

Deno.test("start names the port that is in use and exits 1", async () => {
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using folder = await folderWith(DOCUMENT(taken.addr.port));
  const { code, stderr, stdout } = await runProcess([
    "run",
    "-P=start",
    "main.ts",
    ...folder.flags,
  ]);
  taken.close();
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`http.server.*${taken.addr.port}.*in use`));
  assert.equal(stdout.includes("ready"), false);
});

Deno.test("start reports every problem of a bad document and exits 1", async () => {
  const bad = DOCUMENT(0).replace("http.router", "http.ruoter").replace(
    "address",
    "adress",
  );
  await using folder = await folderWith(bad);
  const { code, stderr } = await runProcess([
    "run",
    "-P=start",
    "main.ts",
    ...folder.flags,
  ]);
  assert.equal(code, 1);
  assert.match(stderr, /app\.yaml:5:\d+ {2}error {2}unknown-key/);
  assert.match(stderr, /app\.yaml:6:\d+ {2}error {2}unknown-type/);
  assert.match(stderr, /Did you mean "http\.router"\?/);
  assert.equal(/\n\s+at /.test(stderr), false);
});

Deno.test("start refuses a second process on the same data folder", async () => {
  await using folder = await folderWith(DOCUMENT(0));
  await using _process = await startProcess(folder.flags);
  const { code, stderr } = await runProcess([
    "run",
    "-P=start",
    "main.ts",
    ...folder.flags,
  ]);
  assert.equal(code, 1);
  assert.match(stderr, /Cannot open store/);
});

Deno.test("start --log-format json prints nothing else than JSON and the two lines for people", async () => {
  await using folder = await folderWith(
    DOCUMENT(0).replace(
      "- { name: router, type: http.router }",
      "- { name: router, type: http.router, config: { nonsense: 1 } }",
    ),
  );
  await using process = await startProcess([
    ...folder.flags,
    "--log-format",
    "json",
  ]);
  await process.end("SIGTERM");
  const lines = process.output().trim().split("\n")
    .filter((line) => !/^(ready|sign in:|management token:) /.test(line));
  assert.ok(lines.length > 0);
  for (const line of lines) {
    assert.equal(typeof JSON.parse(line).message, "string");
  }
});

Deno.test("start --single-port serves the management surface under /_/", async () => {
  await using folder = await folderWith(DOCUMENT(0));
  await using process = await startProcess([...folder.flags, "--single-port"], {
    env: { WORKFLOW_TOKEN: "a-token-for-this-test" },
  });
  const [application, management] = process.addresses;
  assert.equal(management, `${application}/_/`);
  const status = await fetch(`${management}api/workflow/status`, {
    headers: { authorization: "Bearer a-token-for-this-test" },
  });
  assert.equal(status.status, 200);
  await status.body?.cancel();
  const hello = await fetch(`${application}/hello`);
  assert.equal(hello.status, 200);
  await hello.body?.cancel();
});

Deno.test("start --watch takes a good edit without a failed request and refuses a bad one", async () => {
  await using folder = await folderWith(DOCUMENT(0));
  await using process = await startProcess([...folder.flags, "--watch"]);
  const [application] = process.addresses;
  const statuses: number[] = [];
  let isAsking = true;
  const asking = (async () => {
    while (isAsking) {
      const response = await fetch(`${application}/hello`);
      await response.body?.cancel();
      statuses.push(response.status);
    }
  })();
  const both = DOCUMENT(0) +
    "      - { method: GET, path: /more, handler: hello }\n";
  await Deno.writeTextFile(folder.file, both);
  await process.printed(/app is reloaded/);
  const more = await fetch(`${application}/more`);
  assert.equal(more.status, 200);
  await more.body?.cancel();
  await Deno.writeTextFile(
    folder.file,
    both.replace("http.handler", "http.hander"),
  );
  await process.printed(/app runs on as it was/);
  assert.match(process.output(), /unknown-type/);
  isAsking = false;
  await asking;
  assert.ok(statuses.length > 0);
  assert.deepEqual([...new Set(statuses)], [200]);
});

Deno.test("wfctl validate exits 0 with warnings and 1 with errors, as JSON too", async () => {
  await using folder = await folderWith(
    DOCUMENT(0).replace(
      "- { name: router, type: http.router }",
      "- { name: router, type: http.router, config: { nonsense: 1 } }",
    ),
  );
  const wfctl = (...args: string[]) =>
    runProcess([
      "run",
      "-P=start",
      "cli/wfctl.ts",
      "validate",
      folder.file,
      ...args,
    ]);
  const lenient = await wfctl();
  assert.equal(lenient.code, 0, lenient.stderr);
  assert.match(lenient.stdout, /valid, 1 warning/);
  const strict = await wfctl("--strict", "--json");
  assert.equal(strict.code, 1);
  const [problem] = JSON.parse(strict.stdout);
  assert.equal(problem.code, "unknown-key");
  assert.equal(problem.severity, "error");
  assert.equal(problem.line, 6);
  assert.equal(problem.path, "modules[1].config.nonsense");
  const absent = await runProcess([
    "run",
    "-P=start",
    "cli/wfctl.ts",
    "validate",
    "no.yaml",
  ]);
  assert.equal(absent.code, 1);
  assert.match(absent.stderr, /Cannot read no\.yaml: there is no such file/);
});

Deno.test("wfctl inspect shows order and edges, and no secret", async () => {
  const { code, stdout } = await runProcess(
    [
      "run",
      "-P=start",
      "cli/wfctl.ts",
      "inspect",
      "examples/orders/orders.yaml",
    ],
    { env: { ORDERS_JWT_SECRET: "this-must-never-be-shown-anywhere" } },
  );
  assert.equal(code, 0);
  assert.match(stdout, /Start order/);
  assert.match(stdout, /router ───> orders {2}\(route POST \/api\/orders\)/);
  const json = await runProcess(
    [
      "run",
      "-P=start",
      "cli/wfctl.ts",
      "inspect",
      "--json",
      "examples/orders/orders.yaml",
    ],
    { env: { ORDERS_JWT_SECRET: "this-must-never-be-shown-anywhere" } },
  );
  assert.equal(json.stdout.includes("never-be-shown"), false);
  assert.equal(JSON.parse(json.stdout).id, "orders");
});

/** A cache folder of its own for Deno, so that its default database is empty. */
async function freshDenoDir() {
  const { stdout } = await runProcess(["info", "--json"]);
  const path = await Deno.makeTempDir();
  await Deno.symlink(JSON.parse(stdout).npmCache, `${path}/npm`);
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

Deno.test("start needs no flag and one port where Deno Deploy runs it", async () => {
  await using folder = await folderWith(DOCUMENT(0));
  await using cache = await freshDenoDir();
  const env = {
    DENO_DEPLOYMENT_ID: "a1b2c3",
    DENO_DIR: cache.path,
    WORKFLOW_CONFIG: folder.file,
    WORKFLOW_TOKEN: "a-token-for-this-test",
  };
  await using process = await startProcess([], { env });
  const [application, management] = process.addresses;
  assert.equal(management, `${application}/_/`);
  const status = await fetch(`${management}api/workflow/status`, {
    headers: { authorization: "Bearer a-token-for-this-test" },
  });
  assert.equal((await status.json()).status, "running");
  assert.equal(await process.end("SIGINT"), 0);
  const { code, stderr } = await runProcess(["run", "-P=start", "main.ts"], {
    env: { ...env, WORKFLOW_TOKEN: "" },
  });
  assert.equal(code, 1);
  assert.match(stderr, /set WORKFLOW_TOKEN/);
});
