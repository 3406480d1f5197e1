/**
 * Durable one-step runs a second on a PostgreSQL server of this machine, which
 * it starts and removes (Debian's package `postgresql`).
 *
 *     deno run -A bench/run_postgres.ts
 *
 * @module
 */
import { openStore } from "../engine/store/open.ts";
import { serverOfFile } from "../tests/services/postgres_server.ts";
import { runsOn } from "./runs.ts";

if (import.meta.main) {
  const server = await serverOfFile();
  if (typeof server === "string") {
    console.error(server);
    Deno.exit(1);
  }
  try {
    for (const inFlight of [100, 400]) {
      const url = server.url(`bench_${inFlight}`);
      const store = await openStore(url, { now: Date.now });
      const rate = await runsOn(store, { inFlight });
      console.log(
        `PostgreSQL, accept, ${inFlight} in flight: ${rate} a second`,
      );
      await store.close();
    }
  } finally {
    await server[Symbol.asyncDispose]();
  }
}
