/**
 * The real process, on a store on disk, is killed between the events of a
 * pattern and right after its match: what was acknowledged still counts, and the
 * handler is told.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type RunningProcess, startProcess } from "./_process.ts";

/** The answer of the trigger comes once the event is in the store. */
const DOCUMENT = `
modules:
  - name: web
    type: http.server
    config: { address: "127.0.0.1:0" }
  - name: router
    type: http.router
  - name: patterns
    type: event.processor
  - name: security
    type: messaging.handler
workflows:
  event:
    processor: patterns
    patterns:
      - patternId: brute-force
        eventTypes: [failed]
        windowTime: 1h
        condition: count
        minOccurs: 3
    handlers:
      - { patternId: brute-force, handler: security }
triggers:
  http:
    routes:
      - { method: POST, path: /failed, workflow: event, action: failed }
`;

async function fail(
  { addresses: [address] }: RunningProcess,
  session: string,
): Promise<void> {
  const response = await fetch(`${address}/failed`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ correlationId: session }),
  });
  const text = await response.text();
  assert.ok(response.ok, `${response.status} ${text}`);
}

const FOUND = /Pattern "brute-force" matched 3 events/;
const TOLD = /Message on "brute-force"/;

Deno.test("a pattern is found and told of although the process is killed at every event", async () => {
  const folder = await Deno.makeTempDir({ prefix: "event_kill_" });
  const file = join(folder, "events.yaml");
  await Deno.writeTextFile(file, DOCUMENT);
  const start = () =>
    startProcess([
      "--config",
      file,
      "--data",
      join(folder, "data"),
      "--management-address",
      "127.0.0.1:0",
    ]);
  try {
    let output = "";
    for (const session of ["s1", "s2", "s1", "s1"]) {
      await using process = await start();
      await fail(process, session);
      await process.end("SIGKILL");
      output += process.output();
    }
    await using last = await start();
    // Told by the process that found it, or else by the one after it.
    if (!TOLD.test(output)) await last.printed(TOLD);
    // It is used up; the other session goes on from where it was.
    await fail(last, "s1");
    await fail(last, "s2");
    assert.doesNotMatch(last.output(), FOUND);
    await fail(last, "s2");
    await last.printed(FOUND);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
