/**
 * `wfctl breakpoints` and how runs go on, as an operator uses them: against a
 * process of its own, which is killed while a run is paused.
 */
import assert from "node:assert/strict";
import { runProcess, startProcess } from "../tests/_process.ts";
import { breakpointLines } from "./breakpoints.ts";
import { debugLines } from "./run_lines.ts";

const DOCUMENT = `pipelines:
  refund:
    input: { order: string }
    steps:
      - { id: note, use: set, with: { values: { seen: true } } }
      - { id: pay, use: set, with: { values: { by: "\${{ input.order }}" } } }
      - { id: tell, use: set, with: { values: { by: "\${{ steps.pay.output.by }}" } } }
`;

Deno.test("wfctl sets a breakpoint, shows the run that stops there, also after a kill, gives its step something else and lets it go", async () => {
  const folder = await Deno.makeTempDir();
  const file = `${folder}/shop.yaml`;
  await Deno.writeTextFile(file, DOCUMENT);
  const start = () =>
    startProcess([
      ...["--config", file, "--data", `${folder}/data`],
      ...["--management-address", "127.0.0.1:0"],
    ], { env: { WORKFLOW_TOKEN: "" } });
  let process = await start();
  const wfctl = async (...args: readonly string[]) => {
    const url = process.addresses.at(-1) ?? "";
    const result = await runProcess(
      ["run", "-P=start", "cli/wfctl.ts", ...args, "--url", url],
      { env: { WORKFLOW_DATA: `${folder}/data`, WORKFLOW_TOKEN: "" } },
    );
    const stderr = result.stderr.split("\n")
      .filter((line) => !line.startsWith("Warning")).join("\n").trim();
    return { ...result, stderr };
  };
  const run = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await wfctl(...args);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  try {
    const set = await run("breakpoints", "set", "refund", "pay", "--once");
    assert.match(set, /^bp-1 stops runs of refund before pay, each for 600000/);
    const wrong = await wfctl(
      ...["breakpoints", "set", "refund", "pay", "--condition", "inptu == 1"],
    );
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /column 1: .*did you mean "input"\?$/);
    assert.match(await run("breakpoints", "list"), /^bp-1 +shop +refund +pay/m);
    const input = ["--input", '{"order":"A-7"}'];
    const { run: id } = JSON.parse(
      await run("runs", "start", "refund", ...input, "--json"),
    );
    assert.match(await run("runs", "list", "--status", "paused"), /paused/);
    await process.end("SIGKILL");
    process = await start();
    const seen = await run("runs", "debug", id);
    assert.match(seen, /is paused before pay, at bp-1$/m);
    assert.match(seen, /^ {2}with +\{"values":\{"by":"A-7"\}\}$/m);
    await run("runs", "step", id, "--with", '{"values":{"by":"B-1"}}');
    assert.match(
      await run("runs", "explain", id),
      /tell: paused after one step since .* goes on by itself at/,
    );
    const other = await wfctl("runs", "continue", id, "--at", "pay");
    assert.match(other.stderr, /it is paused at the step "tell"$/);
    await run("runs", "continue", id);
    const shown = JSON.parse(await run("runs", "show", id, "--json"));
    assert.deepEqual([shown.status, shown.output], [
      ...["completed", { by: "B-1" }],
    ]);
    assert.match(await run("breakpoints", "list"), /no breakpoints/);
    assert.match(
      (await wfctl("runs", "continue", id)).stderr,
      /^Cannot let it go on: run \w+ is over$/,
    );
  } finally {
    await process.end("SIGTERM");
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("lines of breakpoints say how they are", () => {
  const row = {
    ...{ id: "bp-1", application: "a", pipeline: "p", step: "s", hits: 3 },
    ...{ once: false, autoResumeMs: 1, enabled: true },
  };
  const [, on, off, once] = breakpointLines([
    { ...row, condition: "true" },
    { ...row, enabled: false },
    { ...row, once: true },
  ]);
  assert.match(on ?? "", /s +on +3 +true$/);
  assert.match(off ?? "", /s +off +3 +-$/);
  assert.match(once ?? "", /s +once /);
  const seen = { run: "r", status: "running", paused: null };
  assert.deepEqual(debugLines(seen), ["run r is running, and not paused"]);
});
