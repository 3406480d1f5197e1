/**
 * The forms of what stands beside the modules of a document: workflows, triggers,
 * pipelines and their steps.
 *
 * @module
 */
import type { Catalog } from "../catalog.ts";
import { moduleEntry } from "../config/module_entry.ts";
import type { AnyDefinition } from "../define.ts";
import { pipelineSchema, stepSchema } from "../pipeline/grammar.ts";
import { type FormField, formFields } from "./form.ts";

/** The form of one type. */
export interface SectionForm {
  readonly summary: string;
  readonly fields: readonly FormField[];
}

/** All of them, by type. */
export interface SectionForms {
  /** What an entry of `modules:` has beside the settings of its type. */
  readonly module: readonly FormField[];
  readonly workflows: Readonly<Record<string, SectionForm>>;
  readonly triggers: Readonly<Record<string, SectionForm>>;
  /** What `with` of a step may hold, by its `use`. */
  readonly steps: Readonly<Record<string, SectionForm>>;
  readonly pipeline: readonly FormField[];
  readonly step: readonly FormField[];
}

/** Every form of a catalog. */
export function sectionForms(catalog: Catalog): SectionForms {
  return {
    module: formFields({ config: moduleEntry }),
    workflows: formsOf(catalog.workflows.values()),
    triggers: formsOf(catalog.triggers.values()),
    steps: formsOf(catalog.steps.values()),
    pipeline: formFields({ config: pipelineSchema }),
    step: formFields({ config: stepSchema }),
  };
}

function formsOf(
  definitions: Iterable<AnyDefinition>,
): Readonly<Record<string, SectionForm>> {
  return Object.fromEntries(
    [...definitions].map((definition) => [definition.type, {
      summary: definition.summary,
      fields: formFields(definition),
    }]),
  );
}
