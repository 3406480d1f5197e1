import { testStore } from "../../engine/store/contract.ts";
import { openStore } from "../../engine/store/open.ts";
import { postgresStore } from "../../engine/store/postgres.ts";
import { systemEffects } from "../../engine/effects.ts";
import { startPostgres } from "./postgres_server.ts";

const { clock } = systemEffects();
const server = await startPostgres();
Deno.test.afterAll(() => server[Symbol.asyncDispose]());
testStore("postgresStore()", async () => {
  let time = 1_000;
  const store = await postgresStore(server.url(), { clock, now: () => time });
  return { store, advance: (ms) => time += ms };
}, { hasClock: true });
