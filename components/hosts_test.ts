import assert from "node:assert/strict";
import { systemEffects } from "../engine/effects.ts";
import { type HostProcess, runningHosts } from "./host_process.ts";
import {
  hostFor,
  leaveHost,
  leaveHosts,
  QUIET_MS,
  SHARED_BY_MAX,
} from "./hosts.ts";

Deno.test("a shared host takes so many components, and the next ones have another", async () => {
  const effects = systemEffects();
  const put = (): [HostProcess, number] => {
    const host = hostFor("shared", effects, {});
    const component = host.enter({
      ...{ onBytes: () => {}, onSilent: () => {}, onGone: () => {} },
    });
    const code = "export const execute = () => 1;";
    host.load(component, {
      ...{ code, outputMax: 100 },
      ...{ env: {}, secrets: {}, services: {} },
    });
    return [host, component];
  };
  const all = Array.from({ length: 2 * SHARED_BY_MAX }, put);
  const hosts = [...new Set(all.map(([host]) => host))];
  assert.deepEqual(hosts.map(({ size }) => size), [
    SHARED_BY_MAX,
    SHARED_BY_MAX,
  ]);
  const [host, component] = all[0] ?? assert.fail();
  host.unload(component);
  const [again, another] = put();
  assert.equal(again, host, "a free place is taken before a host is started");
  again.unload(another);
  for (const [host, component] of all) {
    host.unload(component);
    await leaveHost(host);
  }
  const fresh = hostFor("shared", effects, {});
  assert.ok(!hosts.includes(fresh), "a host that has ended takes nobody");
  await leaveHost(fresh);
});

Deno.test("a component that is to be alone finds a host at hand, which ends with the last of them", async () => {
  const effects = systemEffects();
  const { clock } = effects;
  let quiet = () => {};
  const after = (ms: number, callback: () => void) => {
    if (ms !== QUIET_MS) return clock.after(ms, callback);
    quiet = callback;
    return () => void (quiet = () => {});
  };
  const impatient = { ...effects, clock: { ...clock, after } };
  const guests = [{}, {}, {}] as const;
  const first = hostFor("process", impatient, guests[0]);
  assert.deepEqual(runningHosts(), [first.pid]);
  quiet();
  const [, spare] = runningHosts();
  const second = hostFor("process", impatient, guests[1]);
  assert.equal(second.pid, spare);
  assert.equal(runningHosts().length, 2);
  quiet();
  const [, , died = 0] = runningHosts();
  Deno.kill(died, "SIGKILL");
  while (runningHosts().includes(died)) await clock.sleep(1);
  const third = hostFor("process", impatient, guests[2]);
  assert.notEqual(third.pid, died, "a host that has died is given to nobody");
  quiet();
  assert.equal(runningHosts().length, 4);
  for (const [n, host] of [first, second, third].entries()) {
    await leaveHost(host);
    assert.equal(runningHosts().length, 3 - n, "one is at hand");
    await leaveHosts(guests[n] ?? {});
  }
  assert.deepEqual(runningHosts(), []);
  quiet();
  assert.deepEqual(runningHosts(), [], "nobody is left who needs one");
});
