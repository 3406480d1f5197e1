/**
 * Makes an instance of each state machine and tries every transition.
 *
 * @module
 */
import { StateMachines } from "../../engine/services/state_machines.ts";
import { StateTracker } from "../../engine/services/state_tracker.ts";
import type { Watched } from "./observe.ts";
import { PAYLOAD } from "./sample.ts";

/** Sees what trackers are told from now on. */
export function watchTrackers({ app, sightings }: Watched): void {
  for (const { name, service } of app.application.all(StateTracker)) {
    service.onChange("*", (state) => sightings.saw(`told to ${name}`, state));
  }
}

/** One instance a definition, through all that it can be asked. */
export async function moveMachines(watched: Watched): Promise<void> {
  const { app, world, sightings } = watched;
  for (const { name, service } of app.application.all(StateMachines)) {
    for (const definition of service.definitions()) {
      const id = `watched-${definition.name}`;
      const place = `instances of ${definition.name} in ${name}`;
      const made = await world.settled(
        service.create(definition.name, id, PAYLOAD),
      );
      sightings.saw(place, made instanceof Error ? made.message : made);
      for (const transition of Object.keys(definition.transitions)) {
        const fired = await world.settled(
          service.fire(id, transition, { data: { note: "moved" } }),
        );
        sightings.saw(place, fired instanceof Error ? fired.message : fired);
        await world.rest();
      }
      sightings.saw(place, await service.history(id));
    }
  }
}
