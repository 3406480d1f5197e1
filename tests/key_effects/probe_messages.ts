/**
 * Publishes to every topic that a document speaks of, and hands messages over.
 *
 * @module
 */
import { Broker, type Message } from "../../engine/services/broker.ts";
import { MessageHandler } from "../../engine/services/message_handler.ts";
import { isStandIn } from "./stand_in.ts";
import type { Watched } from "./observe.ts";
import { PAYLOAD } from "./sample.ts";

/** How often, so that what counts or bounds is seen. */
const TIMES = 3;

/** Long enough for limits of what waits. */
const MANY = 12;

/** Sends to each broker and to each handler. */
export async function sendMessages(watched: Watched): Promise<void> {
  const { app, world, sightings } = watched;
  const topics = topicsIn(watched.original);
  for (const { name, service } of app.application.all(Broker)) {
    for (const topic of topics) {
      await publish(watched, { name, service, topic, times: TIMES });
    }
    await world.rest();
  }
  for (const { name, service } of app.application.all(MessageHandler)) {
    if (isStandIn(service)) continue;
    const received = (async () =>
      await service.receive({
        id: world.ids.next(),
        topic: topics[0] ?? "topic",
        payload: PAYLOAD,
        publishedAt: world.clock.now(),
        attempt: 1,
      }))();
    const outcome = await world.settled(received);
    sightings.saw(`handing a message to ${name}`, String(outcome));
    await world.rest();
  }
}

/** Listens to everything, and has subscribers that are slow and that fail. */
export async function tryBrokers(watched: Watched): Promise<void> {
  const { app, world, sightings } = watched;
  for (const { name, service } of app.application.all(Broker)) {
    const note = ({ topic, payload, via, attempt }: Message) =>
      sightings.saw(`messages on ${topic} of ${name}`, {
        ...{ payload, via, attempt, at: world.clock.now() },
      });
    const named = { name: "watched", concurrent: true };
    service.subscribe("**", note);
    service.subscribe("watched.slow", async (message) => {
      await world.clock.sleep(1_000);
      note({ ...message, topic: "watched.slow, at last" });
    }, named);
    service.subscribe("watched.refused", (message) => {
      note({ ...message, topic: "watched.refused, again" });
      throw new Error("Refused to see what comes of it");
    }, named);
    for (const topic of ["watched.slow", "watched.refused"]) {
      await publish(watched, { name, service, topic, times: MANY });
    }
  }
}

interface Publication {
  readonly name: string;
  readonly service: Broker;
  readonly topic: string;
  readonly times: number;
}

/** All at once: those that wait for room wait together. */
async function publish(
  { world, sightings }: Watched,
  { name, service, topic, times }: Publication,
): Promise<void> {
  const sent = Array.from(
    { length: times },
    (_, count) => service.publish(topic, { ...PAYLOAD, count }),
  );
  const outcomes = await world.settled(Promise.allSettled(sent));
  sightings.saw(`publishing to ${topic} of ${name}`, outcomes);
}

/** The texts under keys called after topics; patterns are filled in. */
function topicsIn(value: unknown, key = ""): readonly string[] {
  if (typeof value === "string") {
    return /topic|^forwardTo$/i.test(key) && !value.includes("${{")
      ? [value.replaceAll("*", "some")]
      : [];
  }
  if (value === null || typeof value !== "object") return [];
  const found = Object.entries(value).flatMap(([name, part]) =>
    topicsIn(part, Array.isArray(value) ? key : name)
  );
  return [...new Set(found)];
}
