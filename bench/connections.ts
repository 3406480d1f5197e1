/**
 * Two hundred connections that are held for a minute, through a rate limit, CORS, a
 * request id and a sign-in, in an engine of its own process: how late answers are, and
 * whether its memory grows. The load comes from Debian's `wrk`.
 *
 *     deno run -A bench/connections.ts [seconds]
 *
 * @module
 */
import { join } from "node:path";
import { startProcess } from "../tests/_process.ts";
import { type Load, wrk } from "./wrk.ts";

const KEY = "a key that only this benchmark knows, of 48 bytes";

const DOCUMENT = `modules:
  - { name: web, type: http.server, config: { address: "127.0.0.1:0" } }
  - { name: router, type: http.router }
  - name: limit
    type: http.middleware.ratelimit
    config: { requestsPerMinute: 100000000, burstSize: 10000000 }
  - { name: cors, type: http.middleware.cors, config: { allowedOrigins: ["https://shop.example"] } }
  - { name: request-id, type: http.middleware.requestid }
  - { name: signed-in, type: http.middleware.auth, config: { secretKey: "${KEY}" } }
  - { name: hello, type: http.handler }
workflows:
  http:
    routes:
      - method: GET
        path: /hello
        handler: hello
        middlewares: [limit, cors, request-id, signed-in]
`;

/** What was measured. */
export interface ConnectionFigures extends Load {
  /** Resident memory of the engine after ten seconds of load, in MB. */
  readonly warmMB: number;
  /** And at the end. */
  readonly endMB: number;
}

/** Measures; `undefined` where `wrk` is not installed. */
export async function measureConnections(
  seconds = 60,
): Promise<ConnectionFigures | undefined> {
  const folder = await Deno.makeTempDir({ prefix: "bench_connections_" });
  const config = join(folder, "app.yaml");
  await Deno.writeTextFile(config, DOCUMENT);
  const engine = await startProcess([
    ...["--config", config, "--data", join(folder, "data")],
    ...["--management-address", "127.0.0.1:0"],
  ]);
  try {
    const [address = ""] = engine.addresses;
    const args = (seconds: number) => [
      ...["-t1", "-c200", `-d${seconds}s`],
      ...["-H", `Authorization: Bearer ${KEY}`],
      ...["-H", "Origin: https://shop.example", `${address}/hello`],
    ];
    if (await wrk(args(10)) === undefined) return undefined;
    const warmMB = await memoryMB(engine.pid);
    const load = await wrk(args(seconds));
    if (load === undefined) return undefined;
    return { ...load, warmMB, endMB: await memoryMB(engine.pid) };
  } finally {
    await engine.end("SIGTERM");
    await Deno.remove(folder, { recursive: true });
  }
}

async function memoryMB(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(status) ?? [];
  return Math.round(Number(kilobytes) / 1_000);
}

if (import.meta.main) {
  const figures = await measureConnections(Number(Deno.args[0] ?? 60));
  console.log(figures ?? "wrk is not installed (apt-get install wrk)");
}
