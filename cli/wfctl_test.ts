/**
 * What the command line says to people who are mistaken, as they see it: each
 * test runs the tool as a process of its own.
 */
import assert from "node:assert/strict";
import { runProcess } from "../tests/_process.ts";

const DOCUMENT = `modules:
  - name: web
    type: http.server
    config: { address: "127.0.0.1:0" }
  - { name: router, type: http.router }
  - { name: accounts, type: auth.jwt, config: { secret: "secret://KEY" } }
workflows:
  http:
    routes:
      - { method: POST, path: /login, handler: accounts }
`;

async function folderWith(text: string) {
  const path = await Deno.makeTempDir();
  const file = `${path}/app.yaml`;
  await Deno.writeTextFile(file, text);
  return {
    path,
    file,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

const wfctl = (args: readonly string[], env: Record<string, string> = {}) =>
  runProcess(["run", "-P=start", "cli/wfctl.ts", ...args], { env });

const start = (args: readonly string[], env: Record<string, string> = {}) =>
  runProcess(["run", "-P=start", "main.ts", ...args], { env });

/** What a tool wrote on standard error, without what Deno itself warns of. */
function said(stderr: string): string {
  return stderr.split("\n").filter((line) => !/^(Warning|Download)/.test(line))
    .join("\n").trim();
}

Deno.test("wfctl validate finds nothing wrong with a secret that it cannot see", async () => {
  await using folder = await folderWith(DOCUMENT);
  const { code, stdout } = await wfctl(["validate", "--strict", folder.file]);
  assert.equal(stdout.trim(), `${folder.file}: valid`);
  assert.equal(code, 0);
});

Deno.test("wfctl validate reads the code that a document names, and checks its types", async () => {
  await using folder = await folderWith(`modules:
  - { name: a, type: dynamic.component, config: { source: ./a.ts } }
  - { name: b, type: dynamic.component, config: { source: ./b.ts } }
  - { name: rest, type: dynamic.folder, config: { folder: ./rest } }
`);
  const write = (name: string, text: string) =>
    Deno.writeTextFile(`${folder.path}/${name}`, text);
  await Deno.mkdir(`${folder.path}/rest`);
  await write("a.ts", "export const execute = (): string => 3;");
  await write("rest/c.ts", "import 'node:fs';");
  const { code, stdout } = await wfctl(["validate", folder.file]);
  assert.match(stdout, /app\.yaml:2:59 .*"\.\/a\.ts": 1:38 Type 'number' is/);
  assert.match(stdout, /app\.yaml:3:59 .*there is no .*b\.ts/);
  assert.match(stdout, /app\.yaml:1:1 .*rest\/c\.ts.*an import of "node:fs"/);
  assert.match(stdout, /: 3 errors/);
  assert.equal(code, 1);
});

Deno.test("wfctl inspect says that a bad document has no plan", async () => {
  await using folder = await folderWith("modules: [");
  const { code, stderr } = await wfctl(["inspect", folder.file]);
  assert.equal(code, 1);
  assert.match(stderr, /yaml-syntax/);
  assert.match(stderr, /1 error: there is no plan/);
});

Deno.test("wfctl inspect draws routes that go through an implied router", async () => {
  await using folder = await folderWith(DOCUMENT);
  const { stdout } = await wfctl(["inspect", "--graph", folder.file]);
  assert.match(stdout, /-\.->\|"POST \/login"\| m2/);
});

Deno.test("wfctl names what cannot be read, and why", async () => {
  await using folder = await folderWith(DOCUMENT);
  const { code, stderr } = await wfctl(["inspect", folder.path]);
  assert.equal(code, 1);
  assert.equal(
    said(stderr),
    `Cannot read ${folder.path}: it is a folder, name a file of it`,
  );
  const token = await wfctl(["token", "--data", folder.file]);
  assert.equal(token.code, 1);
  assert.equal(
    said(token.stderr),
    `Cannot show a token: ${folder.file}: its path leads through a file`,
  );
});

Deno.test("wfctl refuses flags that do not go together or do not exist, in few lines", async () => {
  const both = await wfctl(["inspect", "--json", "--graph", "x.yaml"]);
  assert.equal(both.code, 1);
  assert.match(both.stderr, /--graph' cannot be used with option '--json/);
  const unknown = await wfctl(["validate", "--jsn", "x.yaml"]);
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /unknown option '--jsn'\n\(Did you mean --json/);
  assert.match(unknown.stderr, /\(--help lists the flags\)/);
});

Deno.test("wfctl token shows the token of the environment, else of WORKFLOW_DATA", async () => {
  await using folder = await folderWith(DOCUMENT);
  const token = "a-token-of-the-data-folder";
  await Deno.writeTextFile(`${folder.path}/management-token`, `${token}\n`);
  const kept = await wfctl(["token"], { WORKFLOW_DATA: folder.path });
  assert.equal(kept.stdout, `${token}\n`);
  const given = await wfctl(["token"], {
    WORKFLOW_TOKEN: "a-given-token-1234",
  });
  assert.equal(given.stdout, "a-given-token-1234\n");
});

Deno.test("start checks flags and token before it opens a port", async () => {
  await using folder = await folderWith(DOCUMENT);
  const flags = ["--config", folder.file, "--data", `${folder.path}/data`];
  const KEY = "a secret of at least thirty-two bytes";
  const cases: [readonly string[], Record<string, string>, string][] = [
    [
      ["--management-address", "localhost"],
      {},
      'Cannot use the address "localhost": expected host:port, such as 127.0.0.1:8800',
    ],
    [
      ["--public-url", "shop.example"],
      {},
      'Cannot use the public URL "shop.example": expected an address such as ' +
      "https://example.org/workflow",
    ],
    [
      [],
      { WORKFLOW_TOKEN: "short" },
      "Cannot use WORKFLOW_TOKEN: it has 5 characters, at least 16 are needed",
    ],
    [
      ["--data", folder.file],
      {},
      `Cannot use the data folder ${folder.file}: a file stands in its place ` +
      "(choose another with --data)",
    ],
  ];
  for (const [more, env, message] of cases) {
    const { code, stdout, stderr } = await start([...flags, ...more], {
      KEY,
      ...env,
    });
    assert.equal(said(stderr), message);
    assert.equal(stdout, "");
    assert.equal(code, 1);
  }
});

Deno.test("start names the secret that it cannot read, and keeps its data to its owner", async () => {
  await using folder = await folderWith(
    DOCUMENT.replace("secret://KEY", "secret://file/key"),
  );
  await Deno.mkdir(`${folder.path}/key`);
  const { code, stderr } = await start(
    ["--config", folder.file, "--data", `${folder.path}/data`],
    { WORKFLOW_SECRETS: folder.path },
  );
  assert.equal(code, 1);
  assert.equal(
    said(stderr),
    `Cannot read the secret ${folder.path}/key: it is a folder`,
  );
  const { mode } = await Deno.stat(`${folder.path}/data`);
  assert.equal((mode ?? 0) & 0o777, 0o700, "only its owner reads the data");
});
