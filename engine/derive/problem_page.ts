/**
 * The pages of the docs about what can be wrong with a document. What is printed
 * on them is what the engine prints: each example is run to make its page.
 *
 * @module
 */
import type { Catalog } from "../catalog.ts";
import { expand } from "../config/expand.ts";
import { parse } from "../config/parse.ts";
import {
  formatProblem,
  type Problem,
  PROBLEM_CODES,
  type ProblemCode,
  sortProblems,
} from "../config/problem.ts";
import {
  PROBLEM_EXAMPLES,
  type ProblemExample,
} from "../config/problem_examples.ts";
import { validate } from "../config/validate.ts";
import { plan } from "../plan.ts";
import { code, fence, page, table } from "./markdown.ts";

/** What the printed problems call the document. */
const FILE = "app.yaml";

/** A page for each code, and their index. */
export function problemPages(catalog: Catalog): ReadonlyMap<string, string> {
  const codes = Object.keys(PROBLEM_CODES) as ProblemCode[];
  const rows = codes.map((
    name,
  ) => [`[${name}](${name}.md)`, PROBLEM_CODES[name]]);
  return new Map([
    [
      "problems/README.md",
      page("# Problems", table(["Code", "What is wrong"], rows)),
    ],
    ...codes.map((name) =>
      [`problems/${name}.md`, problemPage(name, catalog)] as const
    ),
  ]);
}

function problemPage(name: ProblemCode, catalog: Catalog): string {
  const example = PROBLEM_EXAMPLES[name];
  const problems = problemsOf(example.document, example, catalog);
  return page(
    `# ${name}`,
    `${PROBLEM_CODES[name]}.`,
    example.meaning,
    `This document has it:`,
    fence("yaml", example.shown ?? example.document),
    `${code(`wfctl validate ${FILE}`)} prints:`,
    fence("text", problems.map(formatProblem).join("\n")),
    `${example.fix}:`,
    fence("yaml", example.fixed),
  );
}

/** What the engine says about one of an example's documents. */
export function problemsOf(
  text: string,
  { definition }: ProblemExample,
  catalog: Catalog,
): readonly Problem[] {
  const { document, problems } = parse(text, FILE);
  if (document === undefined) return sortProblems(problems);
  const known = definition === undefined ? catalog : {
    ...catalog,
    modules: new Map([...catalog.modules, [definition.type, definition]]),
  };
  const sources = { env: () => undefined, secrets: new Map<string, string>() };
  const validated = validate(document, expand(document, sources), known);
  return sortProblems([
    ...problems,
    ...validated.problems,
    ...plan(validated.config).problems,
  ]);
}
