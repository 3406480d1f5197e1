/**
 * Measures webhooks a second, from a step that sends one to a receiver on the same
 * machine that has all of them, with the outbox on a disk.
 *
 *     deno run -A bench/webhooks.ts
 *
 * @module
 */
import { join } from "node:path";
import { systemEffects } from "../engine/effects.ts";
import { Actions } from "../engine/services/actions.ts";
import { openStore } from "../engine/store/open.ts";
import { startApplication } from "../engine/testing.ts";
import sender from "../modules/webhook/sender.ts";
import type { Expectation } from "./webhook_receiver.ts";

/** What was measured, in webhooks a second. */
export interface WebhookFigures {
  /** Until the receiver has all of them. */
  readonly delivered: number;
  /** The same, where each answer takes 20 ms. */
  readonly deliveredSlow: number;
  /** Until all of them are kept; they are being delivered meanwhile. */
  readonly accepted: number;
}

const COUNT = 5_000;
const SENDERS = 100;
const SLOW_MS = 20;

const PAYLOAD = { orderId: "o-1", note: "x".repeat(200) };

/** Measures all, in about 20 seconds. */
export async function measureWebhooks(): Promise<WebhookFigures> {
  const fast = await measure({ count: COUNT, answerMs: 0 });
  const slow = await measure({ count: COUNT, answerMs: SLOW_MS });
  return {
    delivered: fast.delivered,
    deliveredSlow: slow.delivered,
    accepted: fast.accepted,
  };
}

async function measure(expectation: Expectation) {
  const folder = await Deno.makeTempDir();
  const url = new URL("webhook_receiver.ts", import.meta.url);
  const receiver = new Worker(url, { type: "module" });
  // At once, since what nobody listens for is lost.
  const listening = told(receiver);
  const store = await openStore(join(folder, "bench.db"), { now: Date.now });
  try {
    const { port } = await listening;
    await using app = await startApplication({
      document: {
        modules: [{
          name: "hook",
          type: "webhook.sender",
          config: {
            url: `http://127.0.0.1:${port}/`,
            allowPrivateIPs: true,
            secret: "s3cret",
          },
        }],
      },
      definitions: [sender],
      effects: systemEffects(),
      store,
    });
    receiver.postMessage(expectation);
    const done = told(receiver);
    const start = performance.now();
    const perSecond = () =>
      expectation.count * 1_000 / (performance.now() - start);
    await send(app.service(Actions, "hook"), expectation.count);
    const accepted = perSecond();
    await done;
    return { accepted, delivered: perSecond() };
  } finally {
    receiver.terminate();
    await store.close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** So many senders at a time, each of which sends the next when one is kept. */
async function send(hook: Actions, count: number): Promise<void> {
  const { signal } = new AbortController();
  let sent = 0;
  await Promise.all(Array.from({ length: SENDERS }, async () => {
    while (sent < count) {
      const idempotencyKey = `${sent++}`;
      await hook.act("send", { payload: PAYLOAD }, { signal, idempotencyKey });
    }
  }));
}

function told(worker: Worker): Promise<{ readonly port?: number }> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
  });
}

if (import.meta.main) {
  const figures = await measureWebhooks();
  for (const [name, figure] of Object.entries(figures)) {
    console.log(`${name.padEnd(22)} ${figure.toFixed(0).padStart(10)}`);
  }
}
