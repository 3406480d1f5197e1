/**
 * Runs over HTTP: a POST begins a one-step run and is answered with its result,
 * durably. The load comes from Debian's `wrk`, with 100 connections and then
 * with one.
 *
 * @module
 */
import { join } from "node:path";
import { systemEffects } from "@engine/effects.ts";
import { HttpServer } from "@engine/services/http_server.ts";
import { openStore } from "../engine/store/open.ts";
import { startApplication } from "../engine/testing.ts";
import { definitions } from "../catalog.gen.ts";
import { wrk } from "./wrk.ts";

/** What was measured; absent without `wrk`. */
export interface RunHttpResult {
  /** Answers a second over 100 connections. */
  readonly perSecond: number;
  /** Half of the answers over one connection came within so many milliseconds. */
  readonly aloneP50Ms: number;
}

const DOCUMENT = {
  modules: [
    { name: "web", type: "http.server", config: { address: "127.0.0.1:0" } },
    { name: "router", type: "http.router" },
  ],
  workflows: { http: { routes: [] } },
  triggers: {
    http: {
      routes: [{
        ...{ method: "POST", path: "/sum", pipeline: "sum" },
        wait: true,
      }],
    },
  },
  pipelines: {
    sum: {
      steps: [{
        id: "add",
        use: "set",
        with: { values: { sum: "${{ input.a + input.b }}" } },
      }],
    },
  },
};

const SCRIPT = `wrk.method = "POST"
wrk.body = '{"a":1,"b":2}'
wrk.headers["content-type"] = "application/json"
`;

/** Measures; `undefined` where `wrk` is not installed. */
export async function measureRunHttp(
  seconds = 5,
): Promise<RunHttpResult | undefined> {
  const folder = await Deno.makeTempDir({ prefix: "bench_run_http_" });
  const script = join(folder, "post.lua");
  await Deno.writeTextFile(script, SCRIPT);
  const store = await openStore(join(folder, "store"), { now: Date.now });
  const app = await startApplication({
    document: DOCUMENT,
    definitions,
    effects: systemEffects(),
    store,
  });
  try {
    const [address = ""] = app.service(HttpServer).addresses();
    const url = `${address}/sum`;
    await wrk(["-t1", "-c100", "-d2s", "-s", script, url]);
    const many = await wrk([
      "-t1",
      "-c100",
      `-d${seconds}s`,
      "-s",
      script,
      url,
    ]);
    const alone = await wrk([
      ...["-t1", "-c1", `-d${seconds}s`, "-s", script, url],
    ]);
    if (many === undefined || alone === undefined) return undefined;
    return { perSecond: many.perSecond, aloneP50Ms: alone.p50Ms };
  } finally {
    await app.stop();
    await store.close();
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  const result = await measureRunHttp();
  console.log(
    result === undefined
      ? "wrk is not installed (apt-get install wrk)"
      : `${result.perSecond} requests a second over 100 connections; ` +
        `alone p50 ${result.aloneP50Ms.toFixed(2)} ms`,
  );
}
