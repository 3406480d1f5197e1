/**
 * `wfctl schedules` as an operator uses it: against a process of its own, with
 * the token that it has made.
 */
import assert from "node:assert/strict";
import { runProcess, startProcess } from "../tests/_process.ts";
import { managementClient } from "./management_client.ts";

/** A report every night, and one that is switched off. */
const DOCUMENT = `modules: []
triggers:
  schedule:
    jobs:
      - { id: nightly, cron: "0 2 * * *", timeZone: Europe/Berlin, pipeline: report }
      - { id: often, every: 24h, pipeline: report, enabled: false }
pipelines:
  report:
    steps:
      - { id: write, use: log, with: { message: The report } }
`;

async function reports() {
  const folder = await Deno.makeTempDir();
  const file = `${folder}/reports.yaml`;
  await Deno.writeTextFile(file, DOCUMENT);
  const data = `${folder}/data`;
  const process = await startProcess([
    "--config",
    file,
    "--data",
    data,
    "--management-address",
    "127.0.0.1:0",
  ], { env: { WORKFLOW_TOKEN: "" } });
  const [url = ""] = process.addresses;
  const env = { WORKFLOW_DATA: data, WORKFLOW_TOKEN: "" };
  return {
    async wfctl(...args: readonly string[]) {
      const result = await runProcess(
        ["run", "-P=start", "cli/wfctl.ts", "schedules", ...args, "--url", url],
        { env },
      );
      const lines = result.stderr.split("\n")
        .filter((line) => !line.startsWith("Warning"));
      return { ...result, stderr: lines.join("\n").trim() };
    },
    /** Makes a schedule as a client of the API would. */
    async make(schedule: unknown) {
      const client = managementClient({ url, data, env: () => undefined });
      await client.post("/api/schedules", {}, schedule);
    },
    async [Symbol.asyncDispose]() {
      await process.end("SIGKILL");
      await Deno.remove(folder, { recursive: true });
    },
  };
}

const NIGHTLY = "trigger:nightly";

Deno.test("wfctl schedules lists, shows, runs, pauses, resumes and deletes", async () => {
  await using it = await reports();
  const list = await it.wfctl("list");
  assert.match(list.stdout, /^id +application +when +runs +state +next +last/);
  assert.match(
    list.stdout,
    /^trigger:nightly +reports +0 2 \* \* \* Europe\/Berlin +report\.start +active +\d{4}-\S+ +-$/m,
  );
  assert.match(list.stdout, /^trigger:often +reports +every 24h .* disabled /m);
  const rows = JSON.parse((await it.wfctl("list", "--json")).stdout);
  assert.deepEqual(rows.map(({ id }: { id: string }) => id), [
    ...[NIGHTLY, "trigger:often"],
  ]);

  const before = await it.wfctl("show", NIGHTLY);
  assert.match(before.stdout, /^state +active$/m);
  assert.match(before.stdout, /^It has not run yet$/m);
  const run = await it.wfctl("run", NIGHTLY);
  assert.match(run.stdout, /^running trigger:nightly: \S+$/m);
  for (;;) {
    const { stdout } = await it.wfctl("show", NIGHTLY, "--json");
    const { history } = JSON.parse(stdout);
    if (history.length === 0) continue;
    assert.equal(history[0].manual, true);
    break;
  }
  const after = await it.wfctl("show", NIGHTLY);
  assert.match(after.stdout, /^due +began +status +attempt +by hand +error$/m);
  assert.match(after.stdout, / 1 +yes$/m);

  const pause = await it.wfctl("pause", NIGHTLY);
  assert.equal(pause.stdout, "trigger:nightly is paused\n");
  const resume = await it.wfctl("resume", NIGHTLY, "--json");
  assert.equal(JSON.parse(resume.stdout).paused, false);

  await it.make({
    id: "once",
    every: "1h",
    workflow: "report",
    action: "start",
  });
  const gone = await it.wfctl("delete", "once");
  assert.deepEqual([gone.stdout, gone.stderr], ["deleted once\n", ""]);
  assert.equal((await it.wfctl("show", "once")).code, 1);
});

Deno.test("wfctl schedules prints why it is refused", async () => {
  await using it = await reports();
  for (
    const [args, message] of [
      [["show", "none"], /none/],
      [["delete", NIGHTLY], /document/],
      [["list", "--application", "none"], /No application is called "none"/],
    ] as const
  ) {
    const { code, stdout, stderr } = await it.wfctl(...args);
    assert.match(stderr, message);
    assert.deepEqual([stdout, code], ["", 1]);
  }
});
