/**
 * Asks each module for what it can be asked: its actions, and the services that
 * have no other way in.
 *
 * @module
 */
import { jsonSchema } from "../../engine/derive/json_schema.ts";
import { Actions } from "../../engine/services/actions.ts";
import { Authenticator } from "../../engine/services/authenticator.ts";
import { EventProcessor } from "../../engine/services/event_processor.ts";
import { Executor } from "../../engine/services/executor.ts";
import { TransitionHandler } from "../../engine/services/transition_handler.ts";
import { isStandIn } from "./stand_in.ts";
import type { Watched } from "./observe.ts";
import { PAYLOAD, sample } from "./sample.ts";

/** Everything once. */
export async function askModules(watched: Watched): Promise<void> {
  await act(watched);
  await transit(watched);
  await submit(watched);
  const { app } = watched;
  const signal = new AbortController().signal;
  for (const { name, service } of app.application.all(Executor)) {
    if (isStandIn(service)) continue;
    await note(
      watched,
      `executing ${name}`,
      () => service.execute(PAYLOAD, { signal, idempotencyKey: "execute" }),
    );
  }
  for (const { name, service } of app.application.all(Authenticator)) {
    await note(
      watched,
      `a token for ${name}`,
      () => service.authenticate("wrong"),
    );
  }
}

async function act(watched: Watched): Promise<void> {
  const { app, host } = watched;
  const signal = new AbortController().signal;
  for (const { name, service } of app.application.all(Actions)) {
    for (
      const [action, { input }] of Object.entries(host.actions(name) ?? {})
    ) {
      const given = sample(jsonSchema(input));
      await note(
        watched,
        `${name}.${action}`,
        () =>
          service.act(action, given as Record<string, never>, {
            ...{ signal, idempotencyKey: `${name} ${action}` },
          }),
      );
    }
  }
}

async function transit(watched: Watched): Promise<void> {
  const { app, world } = watched;
  const context = {
    signal: new AbortController().signal,
    idempotencyKey: "transition",
    isCurrent: () => Promise.resolve(true),
  };
  const event = {
    ...{ definition: "order", instanceId: "1", transition: "pay" },
    ...{ fromState: "new", toState: "paid", data: PAYLOAD },
    at: world.clock.now(),
  };
  for (const { name, service } of app.application.all(TransitionHandler)) {
    for (const attempt of [1, 2, 5]) {
      await note(
        watched,
        `a transition for ${name}`,
        () => service.onTransition(event, { ...context, attempt }),
      );
    }
  }
}

async function submit(watched: Watched): Promise<void> {
  for (const { name, service } of watched.app.application.all(EventProcessor)) {
    const types = service.patterns().flatMap(({ eventTypes }) => eventTypes);
    for (const eventType of [...types, ...types, ...types]) {
      await note(
        watched,
        `the event ${eventType} for ${name}`,
        () => service.submit({ eventType, correlationId: "1", data: PAYLOAD }),
      );
    }
  }
}

async function note(
  { world, sightings }: Watched,
  place: string,
  ask: () => unknown,
): Promise<void> {
  const outcome = await world.settled((async () => await ask())());
  sightings.saw(
    place,
    outcome instanceof Error ? outcome.message : outcome ?? "nothing",
  );
  await world.rest();
}
