/**
 * The ways in which parts of `workflows:` and `triggers:` can tie two modules: a
 * new route, a middleware on routes, a subscription, a hook, a job. They are read
 * from the words `ref` and `edge`.
 *
 * @module
 */
import type { Change } from "../config/change.ts";
import { formatPath, type Path } from "../config/problem.ts";
import { labelOf as edgeLabel } from "../config/reference_rules.ts";
import { isMap, valueAt } from "../config/value_path.ts";
import type { EdgeMeta } from "../meta.ts";
import { blankMap } from "./blank_value.ts";
import { type Around, type Connection, type End, fits } from "./connection.ts";
import { type JsonSchema, jsonSchema } from "./json_schema.ts";
import { labelOf } from "./label.ts";
import { distinctLists } from "./distinct_lists.ts";
import { ITEM, type ReferenceSlot, referenceSlots } from "./reference_slots.ts";

/** One slot of one section, with the modules for its two ends. */
interface Tie {
  readonly around: Around;
  /** Such as `workflows.http`. */
  readonly path: Path;
  readonly schema: JsonSchema;
  /** As it is written; `undefined` if the document does not have the section. */
  readonly written: unknown;
  readonly slot: ReferenceSlot;
  readonly edge: EdgeMeta;
  /** The module that is to be named in the slot, and the one at the other end. */
  readonly named: End;
  readonly other: End;
}

/** Ties whose edge leads from one module to the other. */
export function sectionConnections(
  around: Around,
  from: End,
  to: End,
): readonly Connection[] {
  return tiesOf(around, from, to).flatMap((tie) =>
    connectionsOf(tie).map((connection) => ({
      ...connection,
      kind: tie.edge.kind,
      help: tie.slot.help,
      source: from.name,
      target: to.name,
    }))
  );
}

type Offer = Pick<Connection, "id" | "label" | "changes" | "toFill">;

function tiesOf(around: Around, from: End, to: End): readonly Tie[] {
  const { catalog, document } = around;
  const types = [
    ...[...catalog.workflows.values()].map((type) =>
      ["workflows", type] as const
    ),
    ...[...catalog.triggers.values()].map((type) =>
      ["triggers", type] as const
    ),
  ];
  return types.flatMap(([head, definition]) => {
    const schema = jsonSchema(definition.config);
    const path = [head, definition.type];
    return referenceSlots(schema).flatMap((slot) => {
      const { edge } = slot.schema;
      if (edge === undefined) return [];
      const [named, other] = edge.reverse ? [from, to] : [to, from];
      const source = sourceField(schema, slot, edge);
      if (!fits(named, slot.schema.ref) || !fits(other, source?.ref)) return [];
      const written = valueAt(document.value, path);
      return [{ around, path, schema, written, slot, edge, named, other }];
    });
  });
}

/** The field that names the module at the other end: beside the slot, or on top. */
function sourceField(
  schema: JsonSchema,
  { map }: ReferenceSlot,
  { source }: EdgeMeta,
): JsonSchema | undefined {
  return schema.properties?.[source] ?? map.properties?.[source];
}

function connectionsOf(tie: Tie): readonly Offer[] {
  const { schema, edge, slot } = tie;
  const isOnTop = schema.properties?.[edge.source] !== undefined;
  const ends = isOnTop ? endsOnTop(tie) : [];
  if (ends === undefined) return [];
  const [list, item, key, inner] = slot.steps;
  if (slot.steps.length === 1 && typeof list === "string") {
    return asField(tie, list, ends);
  }
  if (typeof list !== "string" || item !== ITEM || typeof key !== "string") {
    return [];
  }
  return inner === ITEM
    ? onItems(tie, list, key)
    : asItem(tie, { list, key, ends, isOnTop });
}

/**
 * The changes by which the section names the module at the other end; none if it
 * does, `undefined` if it names another.
 */
function endsOnTop(
  { around, path, written, edge, other }: Tie,
): readonly Change[] | undefined {
  const stated = valueAt(written, [edge.source]);
  const section = around.plan.sections.find((each) =>
    formatPath(each.path) === formatPath(path)
  );
  const meant = stated ?? section?.config[edge.source];
  if (meant === other.name) return [];
  if (meant !== undefined && meant !== null) return undefined;
  return [{ do: "set", path: [...path, edge.source], value: other.name }];
}

/** The section names one module: it becomes this one. */
function asField(
  { path, schema, written, edge, named, other }: Tie,
  key: string,
  ends: readonly Change[],
): readonly Offer[] {
  const present = valueAt(written, [key]);
  if (present === named.name) return [];
  const instead = typeof present === "string" ? ` instead of ${present}` : "";
  const known = { [edge.source]: other.name, [key]: named.name };
  const blank = blankMap(schema, { name: named.name, known });
  if (blank === undefined) return [];
  return [{
    id: formatPath([...path, key]),
    label: `${labelOf(key)} of ${other.name}${instead}`,
    changes: isMap(written)
      ? [...ends, { do: "set", path: [...path, key], value: named.name }]
      : [{ do: "set", path, value: blank.value }],
    toFill: isMap(written) ? [] : toFill(path, blank.madeUp),
  }];
}

/** A new item of a list, such as a route. */
function asItem(
  tie: Tie,
  { list, key, ends, isOnTop }: {
    readonly list: string;
    readonly key: string;
    readonly ends: readonly Change[];
    readonly isOnTop: boolean;
  },
): readonly Offer[] {
  const { path, schema, written, edge, slot, named, other } = tie;
  const own = isOnTop ? {} : { [edge.source]: other.name };
  const blank = blankMap(slot.map, {
    name: named.name,
    known: { ...own, ...namesInScope(tie), [key]: named.name },
  });
  const place = [...path, list];
  const items = valueAt(written, [list]);
  const index = Array.isArray(items) ? items.length : 0;
  if (blank === undefined) return [];
  const value = unlikeOthers(blank.value, items, named.name);
  const rest = blankMap(schema, {
    name: named.name,
    known: {
      ...isOnTop ? { [edge.source]: other.name } : {},
      [list]: [value],
    },
  });
  if (rest === undefined) return [];
  const labels = (edge.label ?? []).map((key) => [key]);
  const item = toFill([...place, index], [...blank.madeUp, ...labels]);
  return [{
    id: formatPath(place),
    label: `New ${labelOf(list).replace(/s$/, "").toLowerCase()}`,
    changes: isMap(written)
      ? [...ends, { do: "insert", path: place, value }]
      : [{ do: "set", path, value: rest.value }],
    toFill: [
      ...new Set(
        isMap(written) ? item : [...item, ...toFill(path, rest.madeUp)],
      ),
    ],
  }];
}

/** An item of a list in items that are there, such as a middleware on a route. */
function onItems(
  { around, path, written, edge, slot, named }: Tie,
  list: string,
  key: string,
): readonly Offer[] {
  const items = valueAt(written, [list]);
  const free = (Array.isArray(items) ? items : []).flatMap((item, index) => {
    const names = valueAt(item, [key]);
    const isThere = Array.isArray(names) && names.includes(named.name);
    return !isMap(item) || isThere ? [] : [{ item, index }];
  });
  const change = (index: number): Change => ({
    do: "insert",
    path: [...path, list, index, key],
    value: named.name,
  });
  const offers = free.map(({ item, index }) => {
    const siblings = { siblings: item, path: [], name: "", required: false };
    const label = edgeLabel(edge, { ...siblings, schema: slot.schema });
    return {
      id: formatPath([...path, list, index, key]),
      label: `${labelOf(key)} of ${label || `${list} ${index + 1}`}`,
      changes: [change(index)],
      toFill: [],
    };
  });
  if (offers.length < 2) return offers;
  return [{
    id: formatPath([...path, list]) + `.${key}`,
    label: `${labelOf(key)} of all ${labelOf(list).toLowerCase()}`,
    // A list that several routes share is changed once, for all of them.
    changes: distinctLists(
      around.document,
      free.map(({ index }) => change(index)),
    ),
    toFill: [],
  }, ...offers];
}

/** Names that must be declared: the first that the section has. */
function namesInScope(
  { written, slot }: Tie,
): Readonly<Record<string, unknown>> {
  const { properties = {}, required = [] } = slot.map;
  return Object.fromEntries(
    required.flatMap((key) => {
      const name = properties[key]?.scope && firstNamed(written, key);
      return name === undefined || name === "" ? [] : [[key, name]];
    }),
  );
}

/** The first value of a key in the lists of a section. */
function firstNamed(written: unknown, key: string): unknown {
  const lists = Object.values(isMap(written) ? written : {});
  return lists.filter(Array.isArray).flat()
    .map((item) => isMap(item) ? item[key] : undefined)
    .find((name) => typeof name === "string");
}

/** Changes a path that another item has, since two routes cannot be the same. */
function unlikeOthers(value: unknown, items: unknown, name: string): unknown {
  if (!isMap(value) || !Array.isArray(items)) return value;
  const paths = new Set(
    items.flatMap((item) => isMap(item) ? Object.values(item) : []),
  );
  return Object.fromEntries(
    Object.entries(value).map(([key, text]) => {
      let free = text;
      for (let count = 2; text === `/${name}` && paths.has(free); count++) {
        free = `/${name}-${count}`;
      }
      return [key, free];
    }),
  );
}

function toFill(path: Path, places: readonly Path[]): readonly string[] {
  return places.map((place) => formatPath([...path, ...place]));
}
