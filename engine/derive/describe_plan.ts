/**
 * A plan as JSON: for golden files, the API and the terminal.
 *
 * @module
 */
import { formatPath } from "../config/problem.ts";
import { Redaction } from "../config/redaction.ts";
import { withoutSecrets } from "../config/secret_fields.ts";
import type { Plan } from "../plan.ts";
import { jsonSchema } from "./json_schema.ts";

/**
 * What a plan is, as JSON. Secret fields show only that they are set.
 *
 * @param secretValues Hidden in other fields as well. @default none
 */
export function describePlan(
  plan: Plan,
  secretValues: ReadonlySet<string> = new Set(),
) {
  const redaction = new Redaction(secretValues);
  return {
    id: plan.id,
    modules: plan.modules.map((
      { name, type, config, definition, fingerprint },
    ) => ({
      name,
      type,
      config: redaction.value(
        withoutSecrets(jsonSchema(definition.config), config),
      ),
      fingerprint,
    })),
    sections: plan.sections.map(({ path }) => formatPath(path)),
    ...plan.pipelines.length === 0 ? {} : {
      pipelines: plan.pipelines.map(({ id, program }) => ({
        id,
        version: program?.version ?? null,
      })),
    },
    edges: plan.edges,
    fingerprint: plan.fingerprint,
  };
}
