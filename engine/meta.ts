/**
 * The words that a config field may carry beside its type, and the helpers that
 * write them. Schemas, docs, forms, plans and redaction all read these words, so
 * a field says what it is once.
 *
 * @module
 */
import { z } from "zod";
import type { CelVariables } from "./expression/environment.ts";
import type { Implementation, Ref, Service } from "./service.ts";

/** What a field's meta may hold. The catalog test refuses any other word. */
export interface FieldMeta {
  /**
   * The services of which the named module must provide one, by id. Where the
   * field is absent, modules with the first of them are preferred.
   */
  readonly ref?: readonly string[];
  /** Names that the original engine looked for where the field is absent. */
  readonly conventional?: readonly string[];
  /** Where the field is absent: never resolve it, or only if this sibling is set. */
  readonly implied?: "never" | { readonly when: string };
  /** May be left out, but then the document must hold exactly what it needs. */
  readonly needed?: boolean;
  /**
   * A module that cannot do it is passed over with a warning, unless the
   * document is strict. The definition must expect that.
   */
  readonly skippable?: boolean;
  /** The texts in this list are further names of the module itself. */
  readonly alias?: boolean;
  /** What an edge on the canvas shows: how its label is made. */
  readonly edge?: EdgeMeta;
  /** The value is redacted from every log, event and answer. */
  readonly secret?: boolean;
  /** The unit of a number. */
  readonly unit?: "ms" | "s" | "bytes" | "count" | "per minute";
  /** The control that edits the field. */
  readonly widget?: Widget;
  /** What an expression may speak of, where that is the same everywhere. */
  readonly variables?: CelVariables;
  /**
   * A name that is declared elsewhere: in the same section, e.g. a state, or, of
   * a `workflow` and its `action`, or of a `pipeline`, anywhere in the document.
   */
  readonly scope?: string;
  /**
   * Declares the name of a workflow, or of a pipeline that the section makes, or,
   * with the keys of a map, the actions of a workflow.
   */
  readonly declares?: "workflow" | "action" | "pipeline";
}

/** The controls that a form can show beside those which follow from the type. */
export type Widget =
  | "duration"
  | "path"
  | "expression"
  /** A text that may hold `${{ expressions }}`. */
  | "template"
  | "cron"
  | "code"
  | "url";

/** Describes the edge that a reference draws. */
export interface EdgeMeta {
  /** What the edge carries. */
  readonly kind:
    | "route"
    | "middleware"
    | "subscription"
    | "hook"
    | "forward"
    | "job";
  /**
   * The field that names the module at the other end: of the section, or beside
   * the reference.
   */
  readonly source: string;
  /** The edge leads from the named module to `source`. @default {false} */
  readonly reverse?: boolean;
  /** Sibling fields whose values make the label, joined by a space. */
  readonly label?: readonly string[];
}

/** The complete list of words, for the test that refuses unknown ones. */
export const META_WORDS: ReadonlySet<string> = new Set([
  "ref",
  "conventional",
  "implied",
  "needed",
  "skippable",
  "alias",
  "edge",
  "secret",
  "unit",
  "widget",
  "variables",
  "scope",
  "declares",
  "title",
  "description",
  "examples",
  "deprecated",
]);

/** How a reference is resolved and drawn. */
export type RefOptions = Pick<
  FieldMeta,
  "conventional" | "implied" | "needed" | "skippable" | "edge"
>;

/**
 * A field that names a module providing `service`. A required one orders the
 * start; an optional one that is absent may be implied by the document.
 */
export function ref<T>(
  service: Service<T>,
  options: RefOptions = {},
): z.ZodType<Ref<T>, Ref<T>> {
  return z.string().min(1).meta({ ref: [service.id], ...options });
}

/** A field that names a module providing any one of `services`. */
export function refAny<const S extends readonly Service<unknown>[]>(
  services: S,
  options: RefOptions = {},
): z.ZodType<Ref<Implementation<S[number]>>, Ref<Implementation<S[number]>>> {
  return z.string().min(1).meta({
    ref: services.map(({ id }) => id),
    ...options,
  });
}

/** A string that is never shown again: passwords, keys, tokens. */
export function secret(): z.ZodType<string, string> {
  return z.string().min(1).meta({ secret: true });
}

/** A duration such as `300ms`, `30s`, `1h30m` or `24h`. Read it with `durationMs`. */
export function duration(): z.ZodType<string, string> {
  return z.string()
    .regex(DURATION, 'Expected a duration such as "300ms", "30s" or "1h30m"')
    .meta({ widget: "duration" });
}

/**
 * A CEL expression. Checked when the document loads.
 *
 * @param variables What it may speak of; absent where that follows from its place.
 */
export function expression(
  variables?: CelVariables,
): z.ZodType<string, string> {
  return z.string().min(1).meta({
    widget: "expression",
    ...variables === undefined ? {} : { variables },
  });
}

/** A text in which `${{ expressions }}` may stand. */
export function template(): z.ZodType<string, string> {
  return z.string().min(1).meta({ widget: "template" });
}

/** A path, relative to the folder of the document. */
export function path(): z.ZodType<string, string> {
  return z.string().min(1).meta({ widget: "path" });
}

const DURATION = /^-?(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$|^0$/;

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  "µs": 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * The milliseconds in a duration that `duration()` accepted.
 *
 * @example
 * ```ts
 * import { durationMs } from "@engine/meta.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(durationMs("1h30m"), 5_400_000);
 * ```
 */
export function durationMs(text: string): number {
  const sign = text.startsWith("-") ? -1 : 1;
  let total = 0;
  for (
    const [, count, unit] of text.matchAll(
      /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g,
    )
  ) {
    total += Number(count) * (UNIT_MS[unit ?? ""] ?? 0);
  }
  return sign * total;
}
