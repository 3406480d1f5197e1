/**
 * Recognises the ways in which a program takes time, chance, ids or the network
 * from its surroundings, and knows which effect replaces each.
 *
 * @module
 */
import { type Node as AnyNode, parentOf } from "./global_reference.ts";
import { literalText } from "./literal_text.ts";

type Node = Deno.lint.Node;

const NOW = "effects.clock.now()";
/** The effect in place of timers. */
export const TIMER =
  "effects.clock.after(ms, callback) or effects.clock.sleep(ms, signal)";

/** The effect in place of random bytes. */
export const BYTES = "effects.random.bytes(count)";
const LISTEN = "effects.network.listen(options, serve)";

/** What must not be used, with what replaces it. */
const REPLACEMENTS: ReadonlyMap<string, string> = new Map([
  [
    "AbortSignal.timeout",
    "effects.clock.after(ms, callback) and an AbortController",
  ],
  ["Date.now", NOW],
  ["Deno.listen", LISTEN],
  ["Deno.listenTls", LISTEN],
  ["Deno.serve", LISTEN],
  ["Math.random", "effects.random.float()"],
  ["Temporal.Now", NOW],
  ["crypto.getRandomValues", BYTES],
  ["crypto.randomUUID", "effects.ids.next()"],
  ["fetch", "effects.network.fetch(input, init)"],
  ["performance.now", "effects.clock.elapsed()"],
  ["setImmediate", TIMER],
  ["setInterval", TIMER],
  ["setTimeout", TIMER],
]);

/** A use of what is ambient. */
export interface Use {
  readonly node: Node;
  readonly name: string;
  readonly replacement: string;
}

/** How the program goes on from a global, if that takes something ambient. */
export function ambientUse(global: Deno.lint.Identifier): Use | undefined {
  const names: string[] = [];
  for (const { node, name } of chain(global)) {
    if (names.length > 0 || !GLOBAL_OBJECTS.has(name)) names.push(name);
    const path = names.join(".");
    const replacement = REPLACEMENTS.get(path);
    if (replacement !== undefined) return { node, name: path, replacement };
    const use = path === "Date" ? currentDate(node) : undefined;
    if (use !== undefined) return use;
    const destructured = destructuredUse(node, path);
    if (destructured !== undefined) return destructured;
  }
  return undefined;
}

const GLOBAL_OBJECTS: ReadonlySet<string> = new Set(["globalThis", "self"]);

/** The name itself, then each member that is read of it: `a`, `a.b`, `a.b.c`. */
function* chain(
  global: Deno.lint.Identifier,
): Generator<{ readonly node: Node; readonly name: string }> {
  yield { node: global, name: global.name };
  let node: AnyNode = global;
  while (true) {
    const parent = parentOf(node);
    if (parent === undefined) return;
    if (
      parent.type === "MemberExpression" && parent.object === node
    ) {
      const name = memberName(parent);
      if (name === undefined) return;
      yield { node: parent, name };
    } else if (
      parent.type !== "ChainExpression" && parent.type !== "TSNonNullExpression"
    ) {
      return;
    }
    node = parent;
  }
}

function memberName(node: Deno.lint.MemberExpression): string | undefined {
  if (node.computed) return literalText(node.property);
  return node.property.type === "Identifier" ? node.property.name : undefined;
}

/** `new Date()` reads the clock, `new Date(ms)` does not; `Date()` always does. */
function currentDate(date: Node): Use | undefined {
  const parent = parentOf(date);
  if (parent?.type === "NewExpression" && parent.callee === date) {
    if (parent.arguments.length > 0) return undefined;
    return {
      node: parent,
      name: "new Date() without an argument",
      replacement: `new Date(${NOW})`,
    };
  }
  if (parent?.type === "CallExpression" && parent.callee === date) {
    return { node: parent, name: "Date()", replacement: NOW };
  }
  return undefined;
}

/** `const { now } = Date` is `Date.now`; the path of the global object is empty. */
function destructuredUse(node: Node, path: string): Use | undefined {
  const parent = parentOf(node);
  if (parent?.type !== "VariableDeclarator") return undefined;
  if (parent.id.type !== "ObjectPattern") return undefined;
  for (const property of parent.id.properties) {
    if (property.type !== "Property") continue;
    const key = property.key.type === "Identifier"
      ? property.key.name
      : literalText(property.key);
    const name = path === "" ? `${key}` : `${path}.${key}`;
    const replacement = REPLACEMENTS.get(name);
    if (replacement !== undefined) return { node: property, name, replacement };
  }
  return undefined;
}
