/**
 * `wfctl components` as an operator uses it: against a process of its own.
 */
import assert from "node:assert/strict";
import { runProcess, startProcess } from "../tests/_process.ts";

const TOKEN = "a-token-for-this-test";

const CODE = (word: string) =>
  `export const execute = ({ name = "you" }) => "${word} " + name;\n`;

Deno.test("wfctl components sends code, calls it, compares versions, and turns it off", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(
    `${folder}/app.yaml`,
    "modules: [{ name: web, type: http.router }]\n",
  );
  const process = await startProcess([
    ...["--config", `${folder}/app.yaml`, "--data", `${folder}/data`],
    ...["--management-address", "127.0.0.1:0"],
  ], { env: { WORKFLOW_TOKEN: TOKEN } });
  try {
    const [url = ""] = process.addresses;
    const wfctl = async (...args: readonly string[]) => {
      const { code, stdout, stderr } = await runProcess(
        [
          ...["run", "-P=start", "cli/wfctl.ts", "components", ...args],
          ...["--url", url],
        ],
        { env: { WORKFLOW_TOKEN: TOKEN } },
      );
      return code === 0 ? stdout.trimEnd() : `${code}: ${stderr}`;
    };
    const file = `${folder}/greet.ts`;
    assert.equal(await wfctl("list"), "There are no components");
    await Deno.writeTextFile(file, CODE("Hello"));
    assert.match(
      await wfctl("send", file, "--net", "a.example", "b.example"),
      /^greet is running with the code of .*greet\.ts \([0-9a-f]{12}\)$/,
    );
    assert.equal(
      await wfctl("execute", "greet", '{"name":"Ada"}'),
      '"Hello Ada"',
    );
    await Deno.writeTextFile(file, CODE("Good day"));
    await wfctl("send", file);
    assert.equal(await wfctl("execute", "greet"), '"Good day you"');
    assert.equal(await wfctl("show", "greet"), CODE("Good day").trimEnd());
    assert.match(
      await wfctl("diff", "greet", "2"),
      /-export .*Hello.*\n\+export .*Good day/,
    );
    assert.match(await wfctl("versions", "greet"), /^version .*\n +2 .*\n +1 /);
    await wfctl("rollback", "greet", "1");
    assert.equal(await wfctl("execute", "greet"), '"Hello you"');
    assert.equal(await wfctl("stop", "greet"), "greet is stopped");
    assert.match(await wfctl("execute", "greet"), /^1: [^]*turned off/);
    assert.match(await wfctl("list"), /app +greet +stopped +process +sent/);
    assert.equal(await wfctl("start", "greet"), "greet is running");
    await Deno.writeTextFile(file, "export const execute = ;");
    assert.match(await wfctl("send", file), /^1: [^]*"greet":1:24/);
    assert.equal(await wfctl("execute", "greet"), '"Hello you"');
    assert.equal(await wfctl("remove", "greet"), "greet is removed");
    assert.match(await wfctl("show", "greet"), /^1: [^]*No component/);
  } finally {
    await process.end("SIGTERM");
    await Deno.remove(folder, { recursive: true });
  }
});
