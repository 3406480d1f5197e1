/**
 * The page of the docs about one type.
 *
 * @module
 */
import type { Catalog } from "../catalog.ts";
import type { AnyDefinition, Example, Exchange } from "../define.ts";
import { configTable } from "./config_table.ts";
import { exampleYaml } from "./example.ts";
import { code, fence, page, table } from "./markdown.ts";

/**
 * The Markdown page of a definition. Of a section that has no examples of its own,
 * the smallest of the catalog that uses it is shown.
 */
export function definitionPage(
  definition: AnyDefinition,
  catalog?: Catalog,
): string {
  const { type, summary } = definition;
  return page(
    `# ${type}`,
    `${summary}.`,
    ...(definition.kind === "module"
      ? [nature(definition)]
      : [place(definition)]),
    "## Config",
    configTable(definition) || "There is nothing to set.",
    "Every config also takes `description`, a text for people.",
    ...inert(definition),
    ...(definition.kind === "module" ? actions(definition) : []),
    ...(definition.kind === "module" ? metrics(definition) : []),
    ...(definition.kind === "step" ? result(definition) : []),
    ...(definition.examples ?? examplesOf(definition, catalog))
      .flatMap(exampleSection),
  );
}

function nature(
  { stability, provides, section }: Extract<
    AnyDefinition,
    { readonly kind: "module" }
  >,
): string {
  const services = provides
    .map(({ id, summary }) => `${code(id)} (${summary})`).join(", ");
  return table(["", ""], [
    ["Stability", STABILITY[stability]],
    ["Provides", services === "" ? "no service" : services],
    ...(section === undefined
      ? []
      : [["Default config", `the top-level key ${code(section)}`]]),
  ]);
}

const STABILITY = {
  stable: "stable",
  beta: "beta: a release may change its keys, and says so",
  experimental: "experimental: it may change without notice",
  inert: "inert: it does nothing, and is there for documents that name it",
} as const;

function place(definition: AnyDefinition): string {
  const { kind, type } = definition;
  if (definition.kind === "step") {
    return `A step with ${code(`use: ${type}`)}; what follows stands under ` +
      `${code("with")}. ${STABILITY_SENTENCE[definition.stability]}`;
  }
  const section = kind === "workflow" ? "workflows" : "triggers";
  return `Stands in a document under ${code(`${section}.${type}`)}.`;
}

const STABILITY_SENTENCE = {
  stable: "It is stable.",
  beta: "It is beta: a release may change its keys, and says so.",
  experimental: "It is experimental: it may change without notice.",
  inert: "It does nothing, and is there for documents that name it.",
} as const;

/** What later steps find under `steps.<id>.output`. */
function result(
  { output }: Extract<AnyDefinition, { readonly kind: "step" }>,
): readonly string[] {
  const fields = configTable({ config: output });
  return ["## Output", fields || "Whatever the work yields."];
}

function actions(
  { actions }: Extract<AnyDefinition, { readonly kind: "module" }>,
): readonly string[] {
  return Object.entries(actions ?? {}).flatMap(([name, action]) => [
    `## Action: ${name}`,
    `${action.summary}. A step asks for it with ` +
    `${code(`use: module:<name>.${name}`)} and, under ${code("with")}:`,
    configTable({ config: action.input }) || "Nothing.",
  ]);
}

function examplesOf(
  { kind, type }: AnyDefinition,
  catalog: Catalog | undefined,
): readonly Example[] {
  const section = kind === "workflow" ? "workflows" : "triggers";
  return [...catalog?.modules.values() ?? []]
    .flatMap(({ examples }) => examples)
    .filter((example) => example[section]?.[type] !== undefined)
    .toSorted((a, b) => a.modules.length - b.modules.length)
    .slice(0, 1);
}

function inert({ inert }: AnyDefinition): readonly string[] {
  const rows = Object.entries(inert ?? {})
    .map(([key, reason]) => [code(key), reason]);
  return rows.length === 0 ? [] : [
    "## Keys without effect",
    "Older documents carry them. They are accepted and reported as" +
    " [inert-key](../problems/inert-key.md).",
    table(["Key", "Reason"], rows),
  ];
}

function metrics(
  { metrics }: Extract<AnyDefinition, { readonly kind: "module" }>,
): readonly string[] {
  const rows = Object.entries(metrics ?? {}).map(([name, metric]) => [
    code(name),
    metric.kind,
    metric.labels.map(code).join(", "),
    metric.help,
  ]);
  return rows.length === 0
    ? []
    : ["## Metrics", table(["Name", "Kind", "Labels", "Meaning"], rows)];
}

function exampleSection(example: Example): readonly string[] {
  const exchanges = example.exchanges ?? [];
  return [
    `## Example: ${example.title}`,
    fence("yaml", exampleYaml(example)),
    ...Object.entries(example.files ?? {}).flatMap(([path, text]) => [
      `${code(path)} beside it:`,
      fence(path.split(".").at(-1) ?? "", text),
    ]),
    ...(exchanges.length === 0
      ? []
      : ["`$ADDRESS` is the address that the server prints when it starts."]),
    ...exchanges.flatMap(exchangeSection),
  ];
}

function exchangeSection({ request, response }: Exchange): readonly string[] {
  const { body, headers, status } = response;
  const lines = Object.entries(headers ?? {})
    .map(([name, value]) => `, ${code(`${name}: ${value}`)}`).join("");
  const isJson = body !== undefined && typeof body !== "string";
  const ending = body === undefined || body === ""
    ? "."
    : isJson
    ? " and JSON that holds:"
    : " and the text:";
  return [
    fence("sh", curl(request)),
    `answers ${status}${lines}${ending}`,
    ...(body === undefined || body === "" ? [] : [
      isJson
        ? fence("json", JSON.stringify(body, null, 2))
        : fence("text", String(body)),
    ]),
  ];
}

/** The request as a line for a terminal. */
function curl({ method, path, headers, body }: Exchange["request"]): string {
  const given = Object.entries(headers ?? {});
  const hasType = given.some(([name]) => name.toLowerCase() === "content-type");
  const all = body === undefined || hasType
    ? given
    : [...given, ["content-type", "application/json"]];
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return [
    method === "HEAD" ? "curl -I" : "curl -i",
    ...(method === "GET" || method === "HEAD" ? [] : [`-X ${method}`]),
    ...all.map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`--data-binary ${quote(text)}`]),
    /["$`\\!]/.test(path) ? `"$ADDRESS"${quote(path)}` : `"$ADDRESS${path}"`,
  ].join(" ");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
