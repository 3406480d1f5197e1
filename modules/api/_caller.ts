/**
 * Who asks, and what of the resources that caller may see and touch. Only the
 * verified token decides: nothing in a query or a body can widen it.
 *
 * @module
 */
import type { JsonObject } from "@engine/define.ts";
import type { Claims } from "@engine/services/http_handler.ts";
import type { Resource } from "@engine/services/persistence.ts";
import type { FieldMapping } from "./_field_mapping.ts";

/** What the handler's config says about callers. */
export interface CallerRules {
  readonly adminRole: string;
  /** Claims with the field of the data that each confines. */
  readonly scopeClaims: Readonly<Record<string, string>>;
}

/** Who asks. */
export class Caller {
  /** The subject of the token; absent for anonymous callers. */
  readonly subject: string | undefined;
  readonly #isAdmin: boolean;
  readonly #claims: Claims;
  readonly #rules: CallerRules;
  readonly #mapping: FieldMapping;

  constructor(
    claims: Claims | undefined,
    rules: CallerRules,
    mapping: FieldMapping,
  ) {
    this.#claims = claims ?? {};
    this.#rules = rules;
    this.#mapping = mapping;
    const { sub, role, roles } = this.#claims;
    this.subject = typeof sub === "string" && sub !== "" ? sub : undefined;
    this.#isAdmin = [role, roles].flat().includes(rules.adminRole);
  }

  /** Whether the resource exists as far as this caller is concerned. */
  maySee(resource: Resource): boolean {
    if (this.#isAdmin) return true;
    const { owner } = resource.marks;
    const isForeign = owner !== undefined && this.subject !== undefined &&
      owner !== this.subject;
    return !isForeign && this.fieldOutOfScope(resource.data) === undefined;
  }

  /**
   * The field by which data lies outside of what the token allows. A token that
   * lacks a claim allows nothing that the claim confines.
   */
  fieldOutOfScope(data: JsonObject): string | undefined {
    if (this.#isAdmin) return undefined;
    for (const [claim, field] of Object.entries(this.#rules.scopeClaims)) {
      const allowed: unknown[] = [this.#claims[claim]].flat();
      const value = this.#mapping.read(data, field);
      const isText = typeof value === "string" || typeof value === "number";
      if (!isText || !allowed.includes(value)) return field;
    }
    return undefined;
  }
}
