/**
 * What the original engine measures of its components, under the names that it
 * has for it. A component is a worker here, where it is an interpreter there.
 *
 * @module
 */
import { systemEffects } from "@engine/effects.ts";
import { UserCode } from "@engine/services/user_code.ts";
import { startApplication } from "@engine/testing.ts";
import dynamicComponent from "../modules/dynamic/component.ts";
import { prepareSource } from "../components/source.ts";
import {
  call,
  component,
  measureCalls,
  median,
  pause,
  sandboxOf,
  timed,
} from "./component_parts.ts";

const WORKERS = [1, 2, 4, 8, 16];
const PARAMS = '{"amount":12}';

/** Long enough for a worker to be at hand again. */
const PAUSE_MS = 250;

/** What an author writes; 30 lines. */
const PAYMENT = `interface Payment {
  amount: number;
  currency: "EUR" | "USD";
  customer: { id: string; country?: string };
}

const LIMITS: Readonly<Record<Payment["currency"], number>> = {
  EUR: 1_000,
  USD: 1_100,
};

let approved = 0;

export const contract = {
  requiredInputs: { amount: "float" },
  outputs: { status: "string" },
};

export function init(): void {
  approved = 0;
}

export function start(): void {}

export function execute({ amount, currency = "EUR" }: Payment) {
  if (amount > LIMITS[currency]) return { status: "declined" };
  return { status: "approved", approved: ++approved };
}

export function stop(): void {}
`;

/** A row of the table: what it is called, what it is, and how long it takes. */
export interface Named {
  readonly name: string;
  readonly what: string;
  readonly us: number;
}

/** All of them, one after the other. */
export async function measureNamed(): Promise<Named[]> {
  // One that stays, so that there is a host.
  const resident = await component(PAYMENT);
  await resident.start();
  const rows: Named[] = [
    {
      name: "InterpreterCreation",
      what: "a worker that exports nothing but a name; none is at hand",
      us: await repeated(15, 0, () => begunAndStopped(NOTHING)),
    },
    {
      name: "ComponentLoad",
      what: "source to loaded and started; a worker is at hand",
      us: await repeated(15, PAUSE_MS, async () => {
        return await begunAndStopped(await prepareSource(PAYMENT, "bench.ts"));
      }),
    },
    {
      name: "ComponentExecute",
      what: "one call after the other",
      us: await measureCalls(() => call(resident, PARAMS), 1),
    },
  ];
  for (const workers of WORKERS) {
    rows.push({
      name: `PoolContention/workers-${workers}`,
      what: "each of so many callers calls again when it is answered",
      us: await measureCalls(() => call(resident, PARAMS), workers),
    });
  }
  rows.push({
    name: "ComponentLifecycle",
    what: "load, init, start, execute, stop; a worker is at hand",
    us: await repeated(15, PAUSE_MS, lifecycle),
  }, {
    name: "SourceValidation",
    what: "types taken off and imports looked for, 30 lines",
    us: await measureCalls(() => prepareSource(PAYMENT, "bench.ts"), 1),
  });
  rows.push(...await measureApplication());
  await resident.stop();
  return rows;
}

const NOTHING = "export const name = 'nothing';";

/** Microseconds; the median of so many times. */
async function repeated(
  times: number,
  pauseMs: number,
  work: () => Promise<number | void>,
): Promise<number> {
  const all: number[] = [];
  for (let n = 0; n < times; n++) {
    await pause(pauseMs);
    let leftOutMs = 0;
    const ms = await timed(async () => leftOutMs = await work() ?? 0);
    all.push((ms - leftOutMs) * 1_000);
  }
  return median(all);
}

/** Starts a component. @returns how long it took to stop it, which is not counted. */
async function begunAndStopped(code: string): Promise<number> {
  const sandbox = sandboxOf(code);
  await sandbox.start();
  return await timed(() => sandbox.stop());
}

async function lifecycle(): Promise<void> {
  const sandbox = await component(PAYMENT);
  await sandbox.start();
  await call(sandbox, PARAMS);
  await sandbox.call("stop", "{}", {
    ...{ signal: new AbortController().signal, idempotencyKey: "bench" },
  });
  await sandbox.stop();
}

/** What takes an application: components are its modules. */
async function measureApplication(): Promise<Named[]> {
  const app = await startApplication({
    document: {
      modules: Array.from({ length: 10 }, (_, n) => ({
        name: `code-${n}`,
        type: "dynamic.component",
        config: { code: PAYMENT },
      })),
    },
    definitions: [dynamicComponent],
    effects: systemEffects(),
  });
  let turn = 0;
  const look = async () => {
    const code = app.service(UserCode, `code-${turn++ % 10}`);
    const all = app.application.all(UserCode);
    await null;
    return [code.info(), ...all.map(({ service }) => service.info())];
  };
  const code = app.service(UserCode, "code-0");
  let version = 0;
  const rows = [{
    name: "RegistryConcurrent",
    what: "one of 10 components by its name and all of them listed, 16 callers",
    us: await measureCalls(look, 16),
  }, {
    name: "LoaderLoadFromString",
    what: "`UserCode.replace`: validated, types checked, loaded, in its place",
    us: await repeated(
      9,
      PAUSE_MS,
      () => code.replace(`${PAYMENT}// ${version++}\n`),
    ),
  }];
  await app.stop();
  return rows;
}
