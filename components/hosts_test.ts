import assert from "node:assert/strict";
import { systemEffects } from "../engine/effects.ts";
import type { HostProcess } from "./host_process.ts";
import { hostFor, leaveHost, SHARED_BY_MAX } from "./hosts.ts";

Deno.test("a shared host takes so many components, and the next ones have another", async () => {
  const effects = systemEffects();
  const put = (): [HostProcess, number] => {
    const host = hostFor("shared", effects);
    const code = "export const execute = () => 1;";
    return [
      host,
      host.load(
        { ...{ code, outputMax: 100 }, env: {}, secrets: {}, services: {} },
        { onBytes: () => {}, onGone: () => {} },
      ),
    ];
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
  const fresh = hostFor("shared", effects);
  assert.ok(!hosts.includes(fresh), "a host that has ended takes nobody");
  await leaveHost(fresh);
});
