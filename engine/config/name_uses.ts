/**
 * Finds where a document declares names and where it uses them, by the words
 * `ref`, `scope` and `declares` of its schemas. Nothing here knows a type.
 *
 * @module
 */
import type { Catalog } from "../catalog.ts";
import type { JsonSchema } from "../derive/json_schema.ts";
import type { Document } from "./document.ts";
import { type DocumentPart, documentParts } from "./document_parts.ts";
import { formatPath, type Path } from "./problem.ts";
import { propertySchema, variants } from "./references.ts";
import { isMap } from "./value_path.ts";

/** What is named around a place. */
export interface NameContext {
  readonly part: DocumentPart;
  /** The workflow that is named beside it or further out. */
  readonly workflow?: string;
  /** The definition to which it is limited. */
  readonly definition?: string;
  /** The workflow that is declared around it. */
  readonly inside?: string;
}

/** A name that stands somewhere; without text, the default that holds there. */
export interface NameUse extends NameContext {
  readonly kind: "use";
  readonly path: Path;
  readonly name: string;
  /** What it names: `module`, or the word `scope`. */
  readonly scope: string;
  readonly isDefault: boolean;
}

/** A name that is declared, by a text or as the key of a map. */
export interface NameDeclaration extends NameContext {
  readonly kind: "declaration";
  readonly path: Path;
  readonly name: string;
  /** `workflow`, `action`, `pipeline`, or a scope, such as `state`. */
  readonly scope: string;
  readonly isKey: boolean;
}

/** Every name of a document that a word speaks of. */
export function namesOf(
  document: Document,
  catalog: Catalog,
): Names {
  const found = new Map<string, NameUse | NameDeclaration>();
  for (const part of documentParts(document, catalog)) {
    const context = { part };
    for (const name of walk(part.schema, part.value, part.path, context)) {
      // Alternatives of a schema find the same name.
      found.set(`${name.kind} ${name.scope} ${formatPath(name.path)}`, name);
    }
  }
  return [...found.values()];
}

function* walk(
  schema: JsonSchema,
  value: unknown,
  path: Path,
  context: NameContext,
): Generator<NameUse | NameDeclaration> {
  if (typeof value === "string" && value !== "") {
    const use = { kind: "use", path, name: value, isDefault: false } as const;
    if (schema.ref) yield { ...context, ...use, scope: "module" };
    if (schema.scope !== undefined) {
      yield { ...context, ...use, scope: schema.scope };
    }
  }
  for (const variant of variants(schema)) {
    yield* walk(variant, value, path, context);
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const items = schema.prefixItems?.[index] ?? schema.items;
      if (items) yield* walk(items, item, [...path, index], context);
    }
  } else if (isMap(value)) {
    yield* walkMap(schema, value, path, context);
  }
}

function* walkMap(
  schema: JsonSchema,
  value: Readonly<Record<string, unknown>>,
  path: Path,
  around: NameContext,
): Generator<NameUse | NameDeclaration> {
  const context = { ...around, ...namedIn(schema, value) };
  for (const [key, field] of Object.entries(schema.properties ?? {})) {
    const place = [...path, key];
    const item = Object.hasOwn(value, key) ? value[key] : undefined;
    yield* declarations(field, item, place, { ...context, schema, key });
    const { scope, default: name } = field;
    if (item === undefined && scope !== undefined && typeof name === "string") {
      const use = { kind: "use", path: place, name, isDefault: true } as const;
      yield { ...context, ...use, scope };
    }
  }
  for (const [key, item] of Object.entries(value)) {
    const field = propertySchema(schema, key);
    if (field) yield* walk(field, item, [...path, key], context);
  }
}

function* declarations(
  { declares }: JsonSchema,
  item: unknown,
  path: Path,
  { schema, key, ...context }: NameContext & {
    readonly schema: JsonSchema;
    readonly key: string;
  },
): Generator<NameUse | NameDeclaration> {
  const declaration = { kind: "declaration", ...context } as const;
  if (typeof item === "string" && declares !== undefined) {
    yield { ...declaration, path, name: item, scope: declares, isKey: false };
  }
  // Beside a name that is declared, a map holds what is scoped to it: states.
  const declaresOwn = Object.values(schema.properties ?? {})
    .some((field) => field.declares === "workflow");
  const scope = declares ?? (declaresOwn ? key.replace(/s$/, "") : undefined);
  if (!isMap(item) || scope === undefined) return;
  for (const name of Object.keys(item)) {
    const place = [...path, name];
    yield { ...declaration, path: place, name, scope, isKey: true };
  }
}

/** The names that a map gives to what stands in it. */
function namedIn(
  schema: JsonSchema,
  value: Readonly<Record<string, unknown>>,
): Omit<NameContext, "part"> {
  const named: Record<string, string> = {};
  for (const [key, item] of Object.entries(value)) {
    const field = propertySchema(schema, key);
    if (typeof item !== "string" || item === "" || !field) continue;
    if (field.scope === "workflow") named.workflow = item;
    if (field.scope === "definition") named.definition = item;
    if (field.declares === "workflow") named.inside = item;
  }
  return named;
}

/** What is named in a document. */
export type Names = readonly (NameUse | NameDeclaration)[];

/** Where one of some scopes declares a name. */
export function declarationsOf(
  names: Names,
  scopes: readonly string[],
  wanted: string,
): readonly NameDeclaration[] {
  return names.flatMap((name) =>
    name.kind === "declaration" && scopes.includes(name.scope) &&
      name.name === wanted
      ? [name]
      : []
  );
}

/** Uses of a name; of an action also behind the module that is to do it. */
export function usesOf(
  names: Names,
  scopes: readonly string[],
  wanted: string,
): readonly NameUse[] {
  return names.flatMap((name) => {
    if (name.kind !== "use" || !scopes.includes(name.scope)) return [];
    const isMeant = name.name === wanted ||
      (name.scope === "action" && name.name.endsWith(`:${wanted}`));
    return isMeant ? [name] : [];
  });
}
