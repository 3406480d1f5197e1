/**
 * Types of modules that are made of other types: an old name with keys of its
 * own, or several in one. They know those by name; the catalog joins them.
 *
 * @module
 */
import type { z } from "zod";
import type {
  Host,
  Instance,
  Lifecycle,
  ModuleDefinition,
  Services,
} from "./define.ts";

/**
 * Makes an instance of a type of the catalog. The config is what a document would
 * state; defaults are filled in.
 */
export type Make = <T>(
  type: string,
  config: Readonly<Record<string, unknown>>,
) => T & Lifecycle;

/** How a type is made of others, which it knows by their names only. */
export interface Composition<C, P extends Services> {
  /** The types that `compose` may make. */
  readonly of: readonly string[];
  /** Makes the instance. Has no side effects. */
  compose(config: C, host: Host, make: Make): Instance<P>;
  /** The config of the first of these types, which checks it, too. */
  rewrite?(config: C): Readonly<Record<string, unknown>>;
}

/** What a type that is made of others states in place of `create`. */
type Composed<C extends z.ZodType, P extends Services> = Omit<
  ModuleDefinition<C, P>,
  "kind" | "create" | "composition"
>;

/**
 * Defines a type of module that is made of other types, several in one. The
 * catalog joins them; one without the others accepts the type and refuses to
 * make it.
 */
export function defineComposedModule<
  const C extends z.ZodType,
  const P extends Services,
>(
  { of, compose, rewrite, ...definition }:
    & Composed<C, P>
    & Composition<z.output<C>, P>,
): ModuleDefinition {
  return {
    ...definition,
    kind: "module",
    composition: { of, compose, ...(rewrite === undefined ? {} : { rewrite }) },
    create() {
      throw new TypeError(
        `Cannot make ${definition.type}: it is not joined with ${
          of.join(", ")
        }`,
      );
    },
  } as unknown as ModuleDefinition;
}

/**
 * Defines an old name of a type, with keys of its own: `rewrite` says the same in
 * the keys of the real type. Pure. What the real type checks holds here, too.
 */
export function defineAlias<
  const C extends z.ZodType,
  const P extends Services,
>(
  { of, rewrite, ...definition }: Composed<C, P> & {
    readonly of: string;
    rewrite(config: z.output<C>): Readonly<Record<string, unknown>>;
  },
): ModuleDefinition {
  return defineComposedModule<C, P>(
    {
      ...definition,
      of: [of],
      rewrite,
      compose: (config, _host, make) => make<Instance<P>>(of, rewrite(config)),
    } as Composed<C, P> & Composition<z.output<C>, P>,
  );
}
