/**
 * Ties the sections of a plan, then its modules, into what runs.
 *
 * @module
 */
import type { Host, Wiring } from "./define.ts";
import { type Generation, wired } from "./generation.ts";

/** Something that was tied. */
export type Wired = Pick<Wiring, "unwire">;

/** What was tied, and the sections that can be asked for work, by name. */
export interface WiredAll {
  readonly wirings: readonly Wired[];
  readonly workflows: ReadonlyMap<string, Wiring>;
}

/** How the pieces are tied. */
export interface WireOptions {
  /** The host of a section, by its type. */
  readonly host: (name: string) => Host;
  /** Takes back what was tied before a failure. */
  readonly unwire: (wirings: readonly Wired[]) => void;
}

/**
 * Ties everything, without waiting.
 *
 * @throws {LifecycleError} naming what failed; everything is taken back.
 */
export function wireAll(
  generation: Generation,
  { host, unwire }: WireOptions,
): WiredAll {
  const wirings: Wired[] = [];
  const workflows = new Map<string, Wiring>();
  try {
    for (const { definition, config } of generation.plan.sections) {
      const { type } = definition;
      const wiring = wired(
        { name: type, type },
        () => definition.wire(config, host(type)),
      );
      wirings.push(wiring);
      if (definition.kind !== "workflow") continue;
      for (const name of [type, ...wiring.definitions ?? []]) {
        workflows.set(name, wiring);
      }
    }
    for (const { planned, instance } of generation.modules.values()) {
      const undo = wired(planned, () => instance.wire?.());
      if (undo) wirings.push({ unwire: undo });
    }
  } catch (error) {
    unwire(wirings);
    throw error;
  }
  return { wirings, workflows };
}
