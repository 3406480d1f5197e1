/**
 * The process that `crash_test.ts` kills: sends to a queue and publishes to a
 * topic, handles both, and prints what was acknowledged and what was handled. With
 * `drain` it only handles, and ends when nothing is left.
 *
 *     crash_test_worker.ts PATH FIRST_NUMBER [drain]
 *
 * @module
 */
import { systemEffects } from "../effects.ts";
import { openStore } from "../store/open.ts";
import { Queues } from "./queues.ts";

const SENDERS = 20;
const SETTINGS = { leaseMs: 150, attemptsMax: 1_000 };

const [path = "", first = "0", mode] = Deno.args;
const effects = systemEffects();
const store = await openStore(path, { now: effects.clock.now });
const encoder = new TextEncoder();
const queues = new Queues(store, {
  ...effects,
  onError: (attempt, error) => print(`error ${attempt}: ${error}`),
});
const work = queues.queue("work", SETTINGS);
const topics = queues.topics("events");
const audit = { name: "audit", pattern: "order.*" };
await topics.subscribe([audit]);
const log = topics.queue(audit);
log.configure(SETTINGS);

let next = Number(first);
let failures = 0;
const consumers = [
  work.consume(({ payload }) => {
    print(`handled ${payload}`);
    // Some fail once more, so that retries are killed as well.
    if (failures++ % 50 === 0) throw new Error("Once more");
  }, { concurrency: 20, retryBackoffMs: 5 }),
  log.consume(
    ({ payload }) => {
      print(`logged ${(payload as { payload: number }).payload}`);
    },
    { ofKey: 32 },
  ),
];

if (mode === "drain") {
  // What is watched keeps the process alive: the timers of the clock do not.
  for (;;) {
    const stats = await queues.stats();
    if (stats.every(({ depth }) => depth === 0)) break;
    await effects.clock.sleep(20);
  }
  await Promise.all(consumers.map((consumer) => consumer.stop()));
  print(`dead ${(await queues.deadLetters.list()).letters.length}`);
  await store.close();
} else {
  await Promise.all([
    ...Array.from({ length: SENDERS }, send),
    publish(Number(first)),
  ]);
}

async function send(): Promise<void> {
  for (;;) {
    const number = next++;
    await work.send(number);
    print(`sent ${number}`);
  }
}

async function publish(from: number): Promise<void> {
  for (let number = from;; number++) {
    await topics.publish(
      { topic: "order.placed", payload: number },
      { key: "" },
    );
    print(`published ${number}`);
  }
}

function print(line: string): void {
  Deno.stdout.writeSync(encoder.encode(`${line}\n`));
}
