/**
 * The host of components is killed again and again, at any moment, while they are
 * called all the time: every call is answered, and answered right.
 *
 * `COMPONENT_KILLS=1000` does it a thousand times.
 *
 * @module
 */
import assert from "node:assert/strict";
import { chance } from "../tests/_chance.ts";
import { begin } from "./_fixture_test.ts";

const KILLS = Number(Deno.env.get("COMPONENT_KILLS") ?? 25);

/** How many call each component all the time. */
const CLIENTS = 5;

const SOURCES = [
  `export const execute = ({ n }) => ({ n: n + 1 });`,
  `export const execute = async ({ n }) => {
    await null;
    return { n: n + 1 };
  };`,
  `export const execute = ({ n }) =>
    new Promise((resolve) => setTimeout(() => resolve({ n: n + 1 }), 2));`,
  `let state;
  export const init = () => void (state = 1);
  export const execute = ({ n }) => ({ n: n + state });`,
];

Deno.test(`components whose host is killed ${KILLS} times under load answer every call right`, async () => {
  const seed = Number(Deno.env.get("KILL_SEED") ?? Date.now() % 1_000_000);
  console.log(`KILL_SEED=${seed}`);
  const below = chance(seed);
  const components = await Promise.all(SOURCES.map((source) => begin(source)));
  let isOver = false;
  let calls = 0;
  const clients = components.flatMap((one) => Array(CLIENTS).fill(one));
  /** Clients that have got no answer since the last kill. */
  const waiting = new Set<number>();
  const all = Promise.all(clients.map(async (component, client) => {
    for (let n = 0; !isOver; n++) {
      assert.deepEqual(await component.run({ n }), { n: n + 1 });
      calls++;
      waiting.delete(client);
    }
  }));
  for (let kill = 0; kill < KILLS; kill++) {
    const before = calls;
    const wanted = 1 + below(400);
    for (const client of clients.keys()) waiting.add(client);
    // A call is given up when its host has died three times. Here each client is
    // answered between two kills, however slow the machine is.
    while (calls < before + wanted || waiting.size > 0) {
      await Promise.race([components[0]?.run({ n: 0 }), all]);
    }
    const pid = components[below(components.length)]?.sandbox.pid;
    if (pid === undefined) continue;
    try {
      Deno.kill(pid, "SIGKILL");
    } catch (error) {
      // It had just been killed.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  isOver = true;
  await all;
  for (const { sandbox } of components) await sandbox.stop();
  const killed = components.flatMap((one) => one.killed).length;
  console.log(`${calls} calls, ${killed} components lost their host`);
  assert.ok(killed >= KILLS / 2);
});
