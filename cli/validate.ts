/**
 * `wfctl validate`: what is wrong with documents, for people and for machines.
 *
 * @module
 */
import {
  type Catalog,
  type Document,
  examine,
  formatProblem,
  hasErrors,
  type Loaded,
  loadWhole,
  parse,
  type Problem,
  secretReferences,
  sortProblems,
  type Source,
  systemEffects,
} from "../engine/mod.ts";
import { readDocuments } from "./read_documents.ts";

/** How documents are checked and shown. */
export interface ValidateFlags {
  readonly strict?: boolean;
  readonly json?: boolean;
}

/** Checks documents and prints what it found. Returns the exit code. */
export async function validate(
  catalog: Catalog,
  paths: readonly string[],
  flags: ValidateFlags,
): Promise<number> {
  const sources = await readDocuments(paths);
  const found = await Promise.all(sources.map(async (source) => {
    const loaded = await loadHere(catalog, source, flags.strict);
    const problems = [...loaded.problems, ...await outside(loaded, source)];
    return { source, problems: sortProblems(problems) };
  }));
  const problems = found.flatMap(({ problems }) => problems);
  if (flags.json) {
    console.log(JSON.stringify(problems, null, 2));
  } else {
    for (const { source, problems } of found) {
      for (const problem of problems) console.log(formatProblem(problem));
      console.log(`${source.file}: ${verdict(problems)}`);
    }
  }
  return hasErrors(problems) ? 1 : 0;
}

/** What is wrong beside the document, such as with the code of components. */
async function outside(
  { document, plan }: Loaded,
  { folder }: Source,
): Promise<readonly Problem[]> {
  if (!document || !plan) return [];
  const { clock } = systemEffects();
  return await examine(document, plan, { folder, clock });
}

/** Loads one document in the present environment, without its secrets. */
export async function loadHere(
  catalog: Catalog,
  { text, file, folder }: Source,
  strict = false,
): Promise<Loaded> {
  const parsed = parse(text, file);
  return await loadWhole(parsed, {
    ...{ catalog, strict, folder },
    sources: {
      env: (name) => Deno.env.get(name),
      secrets: secretsAsText(parsed.document),
    },
  });
}

/** As long as any secret has to be, so that no length is complained about. */
const STAND_IN_CHARACTERS = 64;

/**
 * A check does not read secrets: each reference stands for itself, with dots up
 * to the length of a good secret, so that a document can be checked where its
 * secrets are not.
 */
function secretsAsText(
  document: Document | undefined,
): ReadonlyMap<string, string> {
  const references = document ? [...secretReferences(document)] : [];
  return new Map(references.map((reference) => [
    reference,
    reference.padEnd(STAND_IN_CHARACTERS, "."),
  ]));
}

function verdict(problems: readonly Problem[]): string {
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const warnings = problems.length - errors;
  const count = (number: number, word: string) =>
    `${number} ${word}${number === 1 ? "" : "s"}`;
  const tail = warnings === 0 ? "" : `, ${count(warnings, "warning")}`;
  return errors === 0 ? `valid${tail}` : `${count(errors, "error")}${tail}`;
}
