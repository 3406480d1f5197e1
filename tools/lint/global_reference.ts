/**
 * Tells whether a name in the source means the global of that name. The linter
 * gives plugins a syntax tree without scopes, so declarations are looked for in
 * the enclosing nodes.
 *
 * @module
 */

/** Any node; the linter's own union leaves out parameter properties. */
export type Node = Deno.lint.Node | Deno.lint.TSParameterProperty;

/** Whether an identifier is read as a value and nothing in the file declares it. */
export function isGlobalReference(node: Deno.lint.Identifier): boolean {
  return isValue(node) && !isDeclared(node);
}

/** The node around this one; absent for the whole program. */
export function parentOf(node: Node): Node | undefined {
  return "parent" in node ? node.parent ?? undefined : undefined;
}

/** Nodes of TypeScript that hold a value; in all others a name is a type or key. */
const TYPED_VALUES: ReadonlySet<string> = new Set([
  "TSAsExpression",
  "TSInstantiationExpression",
  "TSNonNullExpression",
  "TSSatisfiesExpression",
  "TSTypeAssertion",
]);

function isValue(node: Deno.lint.Identifier): boolean {
  const { parent } = node;
  switch (parent.type) {
    case "MemberExpression":
      return parent.computed || parent.object === node;
    case "Property":
      // A shorthand is visited as its key and as its value: the value counts.
      return parent.computed || parent.key !== node;
    case "MethodDefinition":
    case "PropertyDefinition":
      return parent.computed || parent.key !== node;
    case "ImportSpecifier":
    case "ExportSpecifier":
    case "ExportAllDeclaration":
    case "LabeledStatement":
    case "BreakStatement":
    case "ContinueStatement":
    case "MetaProperty":
      return false;
    default:
      return !parent.type.startsWith("TS") || TYPED_VALUES.has(parent.type);
  }
}

function isDeclared(node: Deno.lint.Identifier): boolean {
  let around = parentOf(node);
  while (around !== undefined) {
    if (declares(around, node.name)) return true;
    around = parentOf(around);
  }
  return false;
}

function declares(node: Node, name: string): boolean {
  switch (node.type) {
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
      return node.params.some((param) => binds(param, name)) ||
        node.id?.name === name;
    case "Program":
    case "BlockStatement":
    case "StaticBlock":
    case "TSModuleBlock":
      return node.body.some((statement) => binds(statement, name));
    case "SwitchStatement":
      return node.cases.some((branch) =>
        branch.consequent.some((statement) => binds(statement, name))
      );
    case "ForStatement":
      return node.init !== null && binds(node.init, name);
    case "ForOfStatement":
    case "ForInStatement":
      return binds(node.left, name);
    case "CatchClause":
      return node.param !== null && binds(node.param, name);
    default:
      return false;
  }
}

/** Whether a pattern or declaration gives a meaning to the name. */
function binds(node: Node, name: string): boolean {
  switch (node.type) {
    case "Identifier":
      return node.name === name;
    case "AssignmentPattern":
      return binds(node.left, name);
    case "RestElement":
      return binds(node.argument, name);
    case "ArrayPattern":
      // The linter ends the list at a hole: names behind one are not found.
      return node.elements.some((element) =>
        element !== null && binds(element, name)
      );
    case "ObjectPattern":
      return node.properties.some((property) =>
        binds(property.type === "Property" ? property.value : property, name)
      );
    case "TSParameterProperty":
      return binds(node.parameter, name);
    case "VariableDeclaration":
      return node.declarations.some(({ id }) => binds(id, name));
    case "FunctionDeclaration":
    case "ClassDeclaration":
    case "TSEnumDeclaration":
      return node.id?.name === name;
    case "ImportDeclaration":
      return node.specifiers.some(({ local }) => local.name === name);
    case "ExportNamedDeclaration":
      return node.declaration !== null && binds(node.declaration, name);
    default:
      return false;
  }
}
