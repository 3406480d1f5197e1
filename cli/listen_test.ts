import assert from "node:assert/strict";
import { systemEffects } from "../engine/mod.ts";
import { listen, parseAddress } from "./listen.ts";

Deno.test("parseAddress() reads hosts, ports and IPv6 in brackets", () => {
  assert.deepEqual(parseAddress("0.0.0.0:80"), {
    hostname: "0.0.0.0",
    port: 80,
  });
  assert.deepEqual(parseAddress(":8800"), {
    hostname: "127.0.0.1",
    port: 8800,
  });
  assert.deepEqual(parseAddress("[::1]:1"), { hostname: "::1", port: 1 });
});

Deno.test("parseAddress() refuses what is no address", () => {
  for (
    const text of [
      "",
      "8800",
      "host",
      "host:",
      "host:99999",
      "a:b:1",
      "http://a:1",
    ]
  ) {
    assert.throws(() => parseAddress(text), /expected host:port/, text);
  }
});

Deno.test("listen() names the address that is in use", async () => {
  const effects = systemEffects();
  const first = listen(effects, "127.0.0.1:0", () => new Response());
  const taken = new URL(first.address).host;
  try {
    assert.throws(
      () => listen(effects, taken, () => new Response()),
      new RegExp(`Cannot open the management surface: ${taken} is in use`),
    );
  } finally {
    await first.shutdown();
  }
});

Deno.test("listen() says that an address is not of this machine", () => {
  assert.throws(
    () => listen(systemEffects(), "203.0.113.7:0", () => new Response()),
    /surface: 203\.0\.113\.7:0 cannot be opened, this machine does not have it/,
  );
});
