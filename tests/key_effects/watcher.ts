/**
 * A module that stands in a watched document and sees what only modules see.
 *
 * @module
 */
import { z } from "zod";
import {
  defineModule,
  type Host,
  type ModuleDefinition,
} from "../../engine/define.ts";
import type { Sightings } from "./sightings.ts";

/** Its type, and its name in the document. */
export const WATCHER = "key_effects.watcher";

/** Makes the definition; `onHost` is told the host of the module. */
export function watcher(
  sightings: Sightings,
  onHost: (host: Host) => void,
): ModuleDefinition {
  return defineModule({
    type: WATCHER,
    summary: "Sees what only modules see",
    stability: "stable",
    config: z.strictObject({}),
    provides: [],
    examples: [],
    create(_, host) {
      onHost(host);
      host.meter.attach((name, labels, value) =>
        sightings.saw(`metric ${name} ${JSON.stringify(labels)}`, value)
      );
      return {};
    },
  });
}
