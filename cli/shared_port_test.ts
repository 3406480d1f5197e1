import assert from "node:assert/strict";
import type { Network } from "../engine/mod.ts";
import { SharedPort } from "./shared_port.ts";

/** Who answers a request whose URL is exactly so, and for which URL. */
async function answererOf(url: string, host = "app.example"): Promise<string> {
  let serve: Parameters<Network["listen"]>[1] = () => new Response();
  const network: Network = {
    fetch: () => Promise.reject(new Error("no network")),
    fetchAt: () => Promise.reject(new Error("no network")),
    resolve: () => Promise.reject(new Error("no network")),
    listen(_options, given) {
      serve = given;
      return { hostname: "", port: 1, shutdown: () => Promise.resolve() };
    },
  };
  const shared = new SharedPort();
  const options = { hostname: "127.0.0.1", port: 0 };
  shared.network(network).listen(options, () => new Response("application"));
  shared.serve((request) => new Response(`management ${request.url}`));
  const request = new Request("http://app.example/", { headers: { host } });
  Object.defineProperty(request, "url", { value: url });
  return await (await serve(request, "192.0.2.1")).text();
}

Deno.test("SharedPort gives /_/ to the management surface, and nothing else", async () => {
  const own = [
    ["http://app.example/_/", "http://app.example/"],
    ["http://app.example/_/api/x?y=/_/", "http://app.example/api/x?y=/_/"],
    ["http://app.example/_//api", "http://app.example//api"],
    ["http://app.example/_/_/api", "http://app.example/_/api"],
  ] as const;
  for (const [url, expected] of own) {
    assert.equal(await answererOf(url), `management ${expected}`);
  }
  const others = [
    "http://app.example/",
    "http://app.example/_",
    "http://app.example/%5F/",
    "http://app.example//_/",
    "http://app.example/x?/_/",
    "http://app.example/x#/_/",
    // Who guards the prefix in front must not be walked around.
    "http://app.example/x/../_/api",
    "http://app.example/./_/api",
    "http://app.example/\\_/api",
  ];
  for (const url of others) assert.equal(await answererOf(url), "application");
});

Deno.test("SharedPort leaves a request with a strange host to the application", async () => {
  const hosts = ["[", "a b", "x/_/api?", "x\\", "x#", "u@x", "%", "x:y:z"];
  for (const host of hosts) {
    const answerer = await answererOf(`http://${host}/_/api/documents`, host);
    assert.equal(answerer, "application", host);
  }
  const absolute = await answererOf("http://[/_/api/documents");
  assert.equal(absolute, "application");
});
