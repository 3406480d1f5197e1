/**
 * What the tests of the sandbox share: a component that runs.
 *
 * @module
 */
import { systemEffects } from "../engine/effects.ts";
import { Logger } from "../engine/log.ts";
import { Broker } from "./broker.ts";
import { NO_GRANTS } from "./grants.ts";
import type { Isolation } from "./hosts.ts";
import { Sandbox } from "./sandbox.ts";
import { prepareSource } from "./source.ts";

/** Never aborts. */
export const NEVER = new AbortController().signal;

/** A component that runs, with what it logged and why its host ended. */
export async function begin(
  source: string,
  { isolation = "shared", executionMs = 5_000 }: {
    readonly isolation?: Isolation;
    readonly executionMs?: number;
  } = {},
) {
  const effects = systemEffects();
  const logged: string[] = [];
  const killed: string[] = [];
  const died = Promise.withResolvers<void>();
  const name = "code";
  const sandbox = new Sandbox({
    ...{ name, isolation, executionMs, effects, env: {}, services: {} },
    code: await prepareSource(source, "code.ts"),
    broker: new Broker({
      ...{ component: name, grants: NO_GRANTS, secrets: {}, effects },
      files: {
        read: () => Promise.reject(new Error("none")),
        write: () => Promise.reject(new Error("none")),
      },
      service: () => Promise.reject(new Error("none")),
      onRefused: () => {},
      onUsed: () => {},
    }),
    log: new Logger((level, message) =>
      void logged.push(`${level} ${message}`)
    ),
    onKilled: (reason) => {
      killed.push(reason);
      died.resolve();
    },
  });
  await sandbox.start();
  return {
    ...{ sandbox, logged, killed, died: died.promise },
    run: (params: unknown = {}, signal = NEVER, idempotencyKey = "k") =>
      sandbox.call("execute", JSON.stringify(params), {
        ...{ signal, idempotencyKey },
      }),
    [Symbol.asyncDispose]: () => sandbox.stop(),
  };
}
