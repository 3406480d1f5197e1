/**
 * The rule `workflow/no-vague-file-name`: a file is named after what it holds, so
 * that a newcomer guesses the file from the feature.
 *
 * @module
 */
import { projectPath } from "./project_path.ts";

/** Names that say nothing of a file, alone or as the last word of its name. */
const VAGUE_WORDS: ReadonlySet<string> = new Set([
  "helper",
  "helpers",
  "misc",
  "util",
  "utils",
]);

/** Names that say nothing of a file where they stand alone. */
const VAGUE_NAMES: ReadonlySet<string> = new Set([
  ...VAGUE_WORDS,
  "common",
  "index",
  "types",
]);

/** See the module comment. */
export const noVagueFileName: Deno.lint.Rule = {
  create(context) {
    const segments = projectPath(context.filename).split("/");
    const stem = (segments.pop() ?? "")
      .replace(/\..*$/, "")
      .replace(/_test$/, "")
      .replace(/^_/, "");
    const words = stem.split("_");
    const name = VAGUE_NAMES.has(stem) || VAGUE_WORDS.has(words.at(-1) ?? "")
      ? stem
      : segments.find(isVagueFolder);
    if (name === undefined) return {};
    return {
      Program(node) {
        context.report({
          node,
          message: `Cannot name a file or folder "${name}": it says nothing`,
          hint: "Name it after its main export or what it does",
        });
      },
    };
  },
};

/** A folder may be called `types`: `workflows/types/` holds workflow types. */
function isVagueFolder(name: string): boolean {
  return VAGUE_WORDS.has(name) || name === "common";
}
