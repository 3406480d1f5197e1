/**
 * The reference: a page for each type and each kind of problem, with an index of
 * each kind. Written under `docs/` and served by the management surface.
 *
 * @module
 */
import type { Catalog } from "../catalog.ts";
import type { AnyDefinition, ModuleDefinition } from "../define.ts";
import { CATEGORIES, categoryOf } from "./category.ts";
import { definitionPage } from "./definition_page.ts";
import { code, page, table } from "./markdown.ts";
import { pipelinePage } from "./pipeline_page.ts";
import { problemPages } from "./problem_page.ts";

/** The kinds of definition: their folder and the title of their index. */
const KINDS = {
  workflows: "Workflow types",
  triggers: "Triggers",
  steps: "Steps of pipelines",
} as const;

/** Every page by its path below `docs/`, such as `modules/http.server.md`. */
export function docsPages(catalog: Catalog): ReadonlyMap<string, string> {
  const pages = new Map<string, string>([["README.md", frontPage(catalog)]]);
  for (const kind of ["modules", "workflows", "triggers", "steps"] as const) {
    const definitions = [...catalog[kind].values()];
    pages.set(
      `${kind}/README.md`,
      kind === "modules"
        ? modulesPage([...catalog.modules.values()])
        : indexPage(KINDS[kind], definitions),
    );
    for (const definition of definitions) {
      pages.set(
        `${kind}/${definition.type}.md`,
        definitionPage(definition, catalog),
      );
    }
  }
  pages.set("pipelines/README.md", pipelinePage());
  for (const [path, text] of problemPages(catalog)) pages.set(path, text);
  return pages;
}

function frontPage(catalog: Catalog): string {
  const { modules, workflows, triggers, steps } = catalog;
  return page(
    "# Reference",
    `- [Module types](modules/README.md): ${modules.size}\n` +
      `- [Workflow types](workflows/README.md): ${workflows.size}\n` +
      `- [Triggers](triggers/README.md): ${triggers.size}\n` +
      `- [Steps of pipelines](steps/README.md): ${steps.size}\n` +
      "- [Pipelines](pipelines/README.md): keys of a pipeline, and of a step\n" +
      "- [Problems](problems/README.md): what is printed when a document is wrong",
  );
}

function indexPage(
  title: string,
  definitions: readonly AnyDefinition[],
): string {
  return page(`# ${title}`, indexTable(definitions));
}

function indexTable(definitions: readonly AnyDefinition[]): string {
  const rows = definitions.map((definition) => [
    `[${definition.type}](${definition.type}.md)`,
    definition.summary,
    ..."stability" in definition ? [definition.stability] : [],
    ...definition.kind === "module"
      ? [definition.provides.map(({ id }) => code(id)).join(", ")]
      : [],
  ]);
  const [first] = definitions;
  const head = [
    "Type",
    "Summary",
    ...first && "stability" in first ? ["Stability"] : [],
    ...first?.kind === "module" ? ["Provides"] : [],
  ];
  return table(head, rows) || "There are none.";
}

/** The types by category, those that do nothing last. */
function modulesPage(modules: readonly ModuleDefinition[]): string {
  const isInert = ({ stability }: ModuleDefinition) => stability === "inert";
  const real = modules.filter((module) => !isInert(module));
  const groups = CATEGORIES.map((title) =>
    [title, real.filter(({ type }) => categoryOf(type) === title)] as const
  );
  return page(
    "# Module types",
    ...[...groups, ["Types that do nothing", modules.filter(isInert)] as const]
      .flatMap(([title, list]) =>
        list.length === 0 ? [] : [`## ${title}`, indexTable(list)]
      ),
  );
}
