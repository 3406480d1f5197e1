/**
 * The rule `workflow/no-ambient`: the engine and its types take time, chance,
 * ids and the network from the injected effects, so that a simulation can replay
 * any run. `engine/effects.ts` alone holds the real ones.
 *
 * @module
 */
import { ambientUse, BYTES, TIMER } from "./ambient_use.ts";
import { isGlobalReference } from "./global_reference.ts";
import { isTest, matches, projectPath } from "./project_path.ts";

type Node = Deno.lint.Node;

const GOVERNED = ["engine/", "modules/", "workflows/"];
const EXEMPT = ["engine/effects.ts", "engine/simulation/effects.ts"];

/** Modules of Node.js that are ambient as a whole. */
const MODULES: ReadonlyMap<string, string> = new Map([
  ["node:perf_hooks", "effects.clock.elapsed()"],
  ["node:timers", TIMER],
  ["node:timers/promises", TIMER],
]);

/** See the module comment. */
export const noAmbient: Deno.lint.Rule = {
  create(context) {
    const path = projectPath(context.filename);
    if (isTest(path) || !matches(path, GOVERNED) || matches(path, EXEMPT)) {
      return {};
    }
    function report(node: Node, name: string, replacement: string): void {
      context.report({
        node,
        message: `Cannot use ${name} here: a run could not be replayed`,
        hint: `Use ${replacement}; a module finds effects on its host`,
      });
    }
    return {
      Identifier(node) {
        if (!isGlobalReference(node)) return;
        const use = ambientUse(node);
        if (use !== undefined) report(use.node, use.name, use.replacement);
      },
      ImportDeclaration(node) {
        if (node.importKind === "type") return;
        const replacement = MODULES.get(node.source.value);
        if (replacement !== undefined) {
          report(node.source, `"${node.source.value}"`, replacement);
        }
        if (node.source.value === "node:crypto") checkCrypto(node, report);
      },
    };
  },
};

/** Of `node:crypto` the hashes may be used, and what makes random values not. */
function checkCrypto(
  node: Deno.lint.ImportDeclaration,
  report: (node: Node, name: string, replacement: string) => void,
): void {
  for (const specifier of node.specifiers) {
    if (specifier.type !== "ImportSpecifier") {
      report(specifier, 'all of "node:crypto"', `named imports or ${BYTES}`);
      continue;
    }
    if (specifier.importKind === "type") continue;
    const name = specifier.imported.type === "Identifier"
      ? specifier.imported.name
      : specifier.imported.value;
    if (/^random|^getRandomValues$|^webcrypto$/.test(name)) {
      report(specifier, `${name} of "node:crypto"`, BYTES);
    }
  }
}
