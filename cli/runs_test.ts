/**
 * `wfctl runs` and `wfctl impact` as an operator uses them: against a process of
 * its own, with the token that it has made.
 */
import assert from "node:assert/strict";
import { runProcess, startProcess } from "../tests/_process.ts";
import { impactLines } from "./impact.ts";
import { explanationLines, journalLines, listLines } from "./run_lines.ts";

const DOCUMENT = `pipelines:
  refund:
    key: input.order
    steps:
      - { id: note, use: set, with: { values: { seen: true } } }
      - { id: paid, wait: { signal: paid } }
      - { id: sum, use: set, with: { values: { by: "\${{ steps.paid.output.by }}" } } }
  ask:
    steps:
      - { id: approve, wait: { approval: { title: "Really?" } } }
`;

/** A process, and the tool with its address and its data folder. */
async function shop() {
  const folder = await Deno.makeTempDir();
  const file = `${folder}/shop.yaml`;
  await Deno.writeTextFile(file, DOCUMENT);
  const data = `${folder}/data`;
  const process = await startProcess([
    ...["--config", file, "--data", data],
    ...["--management-address", "127.0.0.1:0"],
    ...["--public-url", "https://shop.example/w"],
  ], { env: { WORKFLOW_TOKEN: "" } });
  const url = process.addresses.at(-1) ?? "";
  const wfctl = async (...args: readonly string[]) => {
    const result = await runProcess(
      ["run", "-P=start", "cli/wfctl.ts", ...args, "--url", url],
      { env: { WORKFLOW_DATA: data, WORKFLOW_TOKEN: "" } },
    );
    const stderr = result.stderr.split("\n")
      .filter((line) => !line.startsWith("Warning")).join("\n").trim();
    return { ...result, stderr };
  };
  return {
    folder,
    /** What the tool prints, which must succeed. */
    async run(...args: readonly string[]): Promise<string> {
      const { code, stdout, stderr } = await wfctl(...args);
      assert.equal(code, 0, stderr);
      return stdout;
    },
    wfctl,
    async [Symbol.asyncDispose]() {
      await process.end("SIGTERM");
      await Deno.remove(folder, { recursive: true });
    },
  };
}

Deno.test("wfctl runs begins, explains, signals, shows and forks a run", async () => {
  await using it = await shop();
  const input = JSON.stringify({ order: "A-7" });
  const started = await it.run("runs", "start", "refund", "--input", input);
  const [, id = ""] = /^run (\w{26}) is \w+\n$/.exec(started) ?? [];
  assert.notEqual(id, "", started);
  const list = await it.run("runs", "list", "--search", "a-7");
  assert.match(list, new RegExp(`${id}  shop +refund +waiting +A-7`));
  const explained = await it.run("runs", "explain", id);
  assert.match(explained, /paid: waits for the signal "paid"/);
  const changed = `${it.folder}/changed.yaml`;
  await Deno.writeTextFile(changed, DOCUMENT.replace("id: note", "id: memo"));
  const impact = await it.wfctl("impact", changed, "--document", "shop");
  assert.equal(impact.code, 1, impact.stderr);
  assert.match(impact.stdout, /0 unaffected, 0 could move.*, 1 could not/);
  assert.match(impact.stdout, new RegExp(`${id} .*changed.yaml:2 `));
  await it.run("runs", "signal", id, "paid", '{"by":"card"}');
  const shown = await it.run("runs", "show", id);
  assert.match(shown, /^status +completed$/m);
  assert.match(shown, /^output +\{"by":"card"\}$/m);
  assert.match(shown, /^paid +completed +1 /m);
  const journal = JSON.parse(await it.run("runs", "journal", id, "--json"));
  assert.equal(journal.entries.at(-1).kind, "completed");
  const fork = await it.run(
    ...["runs", "fork", id, "--from", "paid", "--to-version", "current"],
  );
  const [, other = ""] = /^run (\w{26}) takes the place/.exec(fork) ?? [];
  const cancelled = await it.run(
    ...["runs", "cancel", other, "--reason", "A mistake"],
  );
  assert.match(cancelled, new RegExp(`^run ${other} is `));
  const { status, error } = JSON.parse(
    await it.run("runs", "show", other, "--json"),
  );
  assert.deepEqual([status, error.message], ["cancelled", "A mistake"]);
});

Deno.test("wfctl runs tells of links, and says what it cannot do", async () => {
  await using it = await shop();
  const { run } = JSON.parse(await it.run("runs", "start", "ask", "--json"));
  assert.match(
    await it.run("runs", "explain", run),
    /https:\/\/shop\.example\/w\/approvals\/\w{26}\/approve\/[0-9a-f]{32}$/m,
  );
  const missing = await it.wfctl("runs", "show", "nobody");
  assert.equal(missing.code, 1);
  assert.equal(missing.stderr, 'No run is called "nobody"');
  const status = await it.wfctl("runs", "list", "--status", "done");
  assert.match(
    status.stderr,
    /^Cannot use status "done": expected one or more of /,
  );
  const input = await it.wfctl("runs", "start", "ask", "--input", "{");
  assert.match(input.stderr, /^Cannot use --input: it is no JSON/);
});

Deno.test("lines of runs say where nothing is, and where more is", () => {
  assert.deepEqual(listLines({ runs: [] }), ["There are no such runs"]);
  assert.deepEqual(listLines({ runs: [], next: "abc" }), [
    "There are no such runs among those looked at",
    "more: --cursor abc",
  ]);
  assert.deepEqual(journalLines([]), ["Nothing has happened since"]);
  const told = { run: "r", status: "failed", reasons: [], wakes: [] };
  assert.deepEqual(explanationLines(told), ["run r is failed"]);
  const counts = { unaffected: 3, moves: 1, breaks: 2 };
  const breaks = [{ run: "r", pipeline: "p", version: "v", reason: "gone" }];
  const lines = impactLines("a.yaml", { counts, breaks, unseen: 4 });
  assert.deepEqual(lines.slice(-3, -1), [
    "1 more are not shown",
    "4 older runs were not looked at",
  ]);
});
