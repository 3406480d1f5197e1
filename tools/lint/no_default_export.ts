/**
 * The rule `workflow/no-default-export`: a thing has one name, in its file and
 * wherever it is used. Only what is found by its path has a default export.
 *
 * @module
 */
import { isTest, matches, projectPath } from "./project_path.ts";

/** Type definitions, components of example applications, islands, the lint plugin. */
const FOUND_BY_PATH = [
  "examples/",
  "islands/",
  "modules/",
  "tools/lint_plugin.ts",
  "workflows/",
];

/** See the module comment. */
export const noDefaultExport: Deno.lint.Rule = {
  create(context) {
    const path = projectPath(context.filename);
    const isPrivate = path.includes("/_");
    if (matches(path, FOUND_BY_PATH) && !isPrivate && !isTest(path)) return {};
    function report(node: Deno.lint.Node): void {
      context.report({
        node,
        message: "Cannot export a default here: only type definitions do",
        hint: "Export it by its name",
      });
    }
    return {
      ExportDefaultDeclaration: report,
      ExportSpecifier(node) {
        const { exported } = node;
        const name = exported.type === "Identifier"
          ? exported.name
          : exported.value;
        if (name === "default") report(node);
      },
    };
  },
};
