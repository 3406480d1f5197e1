/**
 * The rule `workflow/error-message`: a message says what was attempted and the
 * state found, e.g. `Cannot start http.server: port 8080 is in use`. Checked is
 * its form: a capital first, no full stop, no contraction.
 *
 * @module
 */
import { isTest, projectPath } from "./project_path.ts";

type Node = Deno.lint.Node;

/** Errors whose message is not their first text: the index of the argument. */
const MESSAGE_INDEX: ReadonlyMap<string, number> = new Map([
  ["AggregateError", 1],
  ["LifecycleError", 1],
  ["RefusedError", 1],
]);

/** Stands in a message for a part that is filled in at run time. */
const FILLED = "\uFFFC";

const CONTRACTION =
  /\b\p{L}+n['’]t\b|\b\p{L}+['’](?:re|ll|ve|d|m)\b|\b(?:he|here|it|let|she|that|there|what|who)['’]s\b/iu;

/** See the module comment. */
export const errorMessage: Deno.lint.Rule = {
  create(context) {
    if (isTest(projectPath(context.filename))) return {};
    function check(name: string, args: readonly Node[]): void {
      const argument = messageArgument(name, args);
      if (argument === undefined) return;
      for (const { node, text } of messages(argument)) {
        for (const fault of faults(text)) {
          context.report({
            node,
            message: `The message of ${name} ${fault}`,
            hint: 'Write "Cannot start http.server: port 8080 is in use"',
          });
        }
      }
    }
    return {
      NewExpression(node) {
        const { callee } = node;
        if (callee.type !== "Identifier") return;
        if (callee.name.endsWith("Error")) check(callee.name, node.arguments);
      },
      CallExpression(node) {
        if (node.callee.type !== "Super") return;
        const parent = superClassName(context.sourceCode.getAncestors(node));
        if (parent?.endsWith("Error")) check(parent, node.arguments);
      },
    };
  },
};

/** The name of the class that `super` means, given the nodes around the call. */
function superClassName(ancestors: readonly Node[]): string | undefined {
  for (const node of ancestors.toReversed()) {
    if (node.type !== "ClassDeclaration" && node.type !== "ClassExpression") {
      continue;
    }
    return node.superClass?.type === "Identifier"
      ? node.superClass.name
      : undefined;
  }
  return undefined;
}

function messageArgument(
  name: string,
  args: readonly Node[],
): Node | undefined {
  const index = MESSAGE_INDEX.get(name);
  if (index !== undefined) return args[index];
  return args.find((argument) => messages(argument).length > 0);
}

interface Message {
  readonly node: Node;
  readonly text: string;
}

/** The texts that an expression may have, as far as the source tells. */
function messages(node: Node): readonly Message[] {
  switch (node.type) {
    case "Literal":
      return typeof node.value === "string" ? [{ node, text: node.value }] : [];
    case "TemplateLiteral":
      return [{
        node,
        text: node.quasis.map(({ cooked }) => cooked).join(FILLED),
      }];
    case "BinaryExpression": {
      const [left, right] = [messages(node.left), messages(node.right)];
      if (node.operator !== "+" || left.length + right.length === 0) return [];
      const text = (left[0]?.text ?? FILLED) + (right[0]?.text ?? FILLED);
      return [{ node, text }];
    }
    case "ConditionalExpression":
      return [...messages(node.consequent), ...messages(node.alternate)];
    case "LogicalExpression":
      return [...messages(node.left), ...messages(node.right)];
    default:
      return [];
  }
}

function faults(text: string): readonly string[] {
  const faults: string[] = [];
  if (text.trim() === "") return ["is empty"];
  if (!/^[\p{Lu}"\uFFFC]/u.test(text)) {
    faults.push("does not start with a capital letter");
  }
  if (/[.!]\s*$/.test(text)) {
    faults.push("ends with a full stop or an exclamation mark");
  }
  const contraction = CONTRACTION.exec(text)?.[0];
  if (contraction !== undefined) {
    faults.push(`contains the contraction "${contraction}"`);
  }
  return faults;
}
