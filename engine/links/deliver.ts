/**
 * Hands an event to the document that it is for: to the workflow that has the
 * action of the link, or else to the document's own broker, where what it has
 * subscribed to finds it.
 *
 * @module
 */
import type { JsonObject } from "../define.ts";
import { RefusedError } from "../errors.ts";
import type { Application } from "../lifecycle.ts";
import type { Plan } from "../plan.ts";
import { Broker, LINK_MARK } from "../services/broker.ts";
import type { JsonValue } from "../store/store.ts";
import type { Parcel } from "./outbox.ts";
import { type Workflows, workOf } from "./resolve.ts";

/**
 * Resolves when the target has accepted the event.
 *
 * @throws {RefusedError} if the target says no, or has nothing that takes it.
 */
export async function deliver(
  parcel: Parcel,
  application: Application,
  workflows: Workflows,
): Promise<void> {
  const { link, action, topic, payload, idempotencyKey } = parcel;
  const via = [...parcel.via, `${LINK_MARK}${link}`];
  const work = action === undefined ? undefined : workOf(action, workflows);
  if (work !== undefined) {
    await application.dispatch(work.workflow, work.action, fieldsOf(payload), {
      idempotencyKey,
      source: `link ${link}`,
      via,
    });
    return;
  }
  const names = brokersOf(application.plan);
  const brokers = application.all(Broker);
  const listening = brokers.filter(({ name }) => names.has(name));
  const chosen = listening.length > 0 ? listening : brokers.slice(0, 1);
  if (chosen.length === 0) throw nobody(parcel, application);
  for (const { service } of chosen) {
    await service.publish(topic, payload, { via });
  }
}

/** The brokers on which the sections of a document listen. */
export function brokersOf({ sections }: Plan): ReadonlySet<string> {
  const names = sections.map(({ config }) => config.broker)
    .filter((name) => typeof name === "string");
  return new Set(names);
}

/** What a workflow gets: the fields of the event. */
function fieldsOf(payload: JsonValue): JsonObject {
  const isMap = payload !== null && typeof payload === "object" &&
    !Array.isArray(payload);
  return isMap ? payload as JsonObject : { message: payload };
}

function nobody(
  { action, topic }: Parcel,
  { id }: Application,
): RefusedError {
  const what = action === undefined
    ? "it has no broker"
    : `no workflow of it has the action "${action}", and it has no broker`;
  return new RefusedError(
    "unknown-action",
    `Cannot hand "${topic}" to "${id}": ${what}`,
  );
}
