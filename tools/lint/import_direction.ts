/**
 * The rule `workflow/import-direction`: a file imports only what the table of
 * layers grants it, and what must run in a browser touches neither `Deno` nor
 * `node:`. Comments that import (`@ts-types`) are not looked at.
 *
 * @module
 */
import { posix } from "node:path";
import config from "../../deno.json" with { type: "json" };
import { literalText } from "./literal_text.ts";
import { type Layer, layerOf, mayImport } from "./layers.ts";
import { isTest, projectPath } from "./project_path.ts";

type Node = Deno.lint.Node;

/** What a specifier leads to. */
type Target =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "node" }
  | { readonly kind: "package" }
  | { readonly kind: "elsewhere" };

/** Prefixes that the import map points into the project, e.g. `@engine/`. */
const ALIASES: readonly (readonly [string, string])[] = Object
  .entries<string>(config.imports)
  .filter(([, target]) => target.startsWith("./"))
  .map(([alias, target]) => [alias, target.slice("./".length)]);

/** See the module comment. */
export const importDirection: Deno.lint.Rule = {
  create(context) {
    const path = projectPath(context.filename);
    // Files outside of the project have no place in the table.
    if (isTest(path) || path.startsWith("../")) return {};
    const layer = layerOf(path);
    if (layer === undefined) return refuseFile(context, path);
    return {
      ...visitImports(context, path, layer),
      ...(layer.browser ? visitDeno(context, layer) : {}),
    };
  },
};

function refuseFile(
  context: Deno.lint.RuleContext,
  path: string,
): Deno.lint.LintVisitor {
  return {
    Program(node) {
      context.report({
        node,
        message: `Cannot place "${path}": no layer owns it`,
        hint: "Add its folder to tools/lint/layers.ts and to ARCHITECTURE.md",
      });
    },
  };
}

function visitImports(
  context: Deno.lint.RuleContext,
  importer: string,
  layer: Layer,
): Deno.lint.LintVisitor {
  function check(source: Node | null, kind: "type" | "value"): void {
    if (source === null || layer.imports === "anything") return;
    const specifier = literalText(source);
    const problem = specifier === undefined
      ? "Cannot check an import that is computed: write the specifier as a literal"
      : refusal(layer, importer, { specifier, isType: kind === "type" });
    if (problem === undefined) return;
    context.report({ node: source, message: problem, hint: granted(layer) });
  }
  return {
    ImportDeclaration: (node) => check(node.source, node.importKind),
    ExportAllDeclaration: (node) => check(node.source, node.exportKind),
    ExportNamedDeclaration: (node) => check(node.source, node.exportKind),
    ImportExpression: (node) => check(node.source, "value"),
    "TSImportType TSLiteralType > Literal": (node: Node) => check(node, "type"),
    TSExternalModuleReference: (node) => check(node.expression, "value"),
  };
}

function refusal(
  layer: Layer,
  importer: string,
  imported: { readonly specifier: string; readonly isType: boolean },
): string | undefined {
  const { specifier, isType } = imported;
  const target = resolve(specifier, importer);
  switch (target.kind) {
    case "package":
      return undefined;
    case "node":
      if (!layer.browser) return undefined;
      return `Cannot import "${specifier}" from "${importer}": ${layer.name} must run in a browser`;
    case "elsewhere":
      return `Cannot import "${specifier}" from "${importer}": it lies outside of the project`;
    case "file":
      if (mayImport(layer, importer, { path: target.path, isType })) return;
      return `Cannot import "${target.path}" from "${importer}": ${layer.name} may not depend on it`;
  }
}

function resolve(specifier: string, importer: string): Target {
  if (specifier.startsWith("node:")) return { kind: "node" };
  const bare = specifier.replace(/[?#].*$/, "");
  const alias = ALIASES.find(([prefix]) => bare.startsWith(prefix));
  if (alias !== undefined) {
    return file(alias[1] + bare.slice(alias[0].length));
  }
  if (/^\.\.?\//.test(bare)) {
    return file(posix.join(posix.dirname(importer), bare));
  }
  // Inline `npm:` specifiers are packages too; `no-import-prefix` refuses them.
  const isPackage = /^npm:/.test(bare) ||
    !/^(?:[a-z][a-z0-9+.-]*:|[./])/i.test(bare);
  return { kind: isPackage ? "package" : "elsewhere" };
}

function file(path: string): Target {
  const normal = posix.normalize(path);
  return normal.startsWith("../")
    ? { kind: "elsewhere" }
    : { kind: "file", path: normal };
}

function granted(layer: Layer): string {
  const imports = layer.imports === "anything" ? ["anything"] : layer.imports;
  const granted = [...imports];
  if (layer.privateFiles) {
    granted.push(
      "files that begin with an underscore in its own folder or above",
    );
  }
  if (layer.types !== undefined) {
    granted.push(`types of ${layer.types.join(", ")}`);
  }
  return `It may import packages and ${granted.join(", ")}`;
}

function visitDeno(
  context: Deno.lint.RuleContext,
  layer: Layer,
): Deno.lint.LintVisitor {
  return {
    Identifier(node) {
      if (node.name !== "Deno" || isOrdinaryKey(node)) return;
      context.report({
        node,
        message: `Cannot use "Deno": ${layer.name} must run in a browser`,
        hint: "Take what is needed as an argument",
      });
    },
  };
}

/** Whether the name is a key of an object other than the global one. */
function isOrdinaryKey(node: Deno.lint.Identifier): boolean {
  const { parent } = node;
  if (parent.type === "Property") return !parent.computed && !parent.shorthand;
  if (parent.type !== "MemberExpression" || parent.computed) return false;
  if (parent.object === node) return false;
  return parent.object.type !== "Identifier" ||
    parent.object.name !== "globalThis";
}
