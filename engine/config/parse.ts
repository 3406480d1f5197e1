/**
 * Text to document. Reports everything that is wrong with the text itself.
 *
 * @module
 */
import { LineCounter, parseDocument as parseYaml, visit } from "yaml";
import type { Document as YamlDocument } from "yaml";
import { Document } from "./document.ts";
import type { Problem } from "./problem.ts";

/** The largest document, in characters. */
export const DOCUMENT_CHARACTERS_MAX = 1_048_576;

/** How deep maps and lists may be nested. */
export const DOCUMENT_DEPTH_MAX = 64;

/** What `parse` made of a text. `document` is absent if nothing can be read. */
export interface Parsed {
  readonly document?: Document;
  readonly problems: readonly Problem[];
}

/**
 * Parses YAML 1.2 (JSON is a part of it) with merge keys. Never throws: a
 * hostile text ends in a problem.
 *
 * @param file What problems call the text; its stem becomes the document's id.
 */
export function parse(text: string, file: string): Parsed {
  const lines = new LineCounter();
  if (text.length > DOCUMENT_CHARACTERS_MAX) {
    const empty = new Document({ file, text: "" }, {
      yaml: parseYaml(""),
      lines,
      value: null,
    });
    return {
      problems: [empty.problem({
        code: "document-too-large",
        path: [],
        message: `The document has ${text.length} characters: at most ` +
          `${DOCUMENT_CHARACTERS_MAX} are read`,
        help: "Split it into several documents",
      })],
    };
  }
  const yaml = parseYaml(text, {
    lineCounter: lines,
    merge: true,
    prettyErrors: false,
  });
  return read(yaml, lines, { file, text });
}

function read(
  yaml: YamlDocument,
  lines: LineCounter,
  source: { readonly file: string; readonly text: string },
): Parsed {
  const shell = new Document(source, { yaml, lines, value: null });
  const problems: Problem[] = yaml.errors.map((error) =>
    shell.problemAt({ start: error.pos[0], end: error.pos[1] }, {
      code: "yaml-syntax",
      path: [],
      message: firstLine(error.message),
      help: HELP[error.code],
    })
  );
  if (problems.length > 0) return { problems };
  problems.push(...structureProblems(yaml, shell));
  if (problems.length > 0) return { problems };
  try {
    const value: unknown = yaml.toJS({ maxAliasCount: 100 });
    return { document: new Document(source, { yaml, lines, value }), problems };
  } catch (error) {
    const message = error instanceof Error ? firstLine(error.message) : "Cannot read";
    return { problems: [shell.problem({ code: "yaml-syntax", path: [], message })] };
  }
}

/** What the parser itself lets pass: aliases to nothing, absurd depth. */
function structureProblems(yaml: YamlDocument, shell: Document): Problem[] {
  const problems: Problem[] = [];
  visit(yaml, {
    Alias(_, alias) {
      if (alias.resolve(yaml)) return;
      const [start, end] = alias.range ?? [0, 0];
      problems.push(shell.problemAt({ start, end }, {
        code: "yaml-syntax",
        path: [],
        message: `The alias "*${alias.source}" has no anchor "&${alias.source}" before it`,
      }));
    },
    Node(_, node, ancestors) {
      if (ancestors.length <= DOCUMENT_DEPTH_MAX * 2) return;
      const [start, end] = node.range ?? [0, 0];
      problems.push(shell.problemAt({ start, end }, {
        code: "yaml-syntax",
        path: [],
        message: `Values are nested deeper than ${DOCUMENT_DEPTH_MAX} levels`,
      }));
      return visit.BREAK;
    },
  });
  return problems;
}

function firstLine(message: string): string {
  const line = message.split("\n")[0] ?? message;
  return line.replace(/ at line \d+, column \d+:?$/, "");
}

const HELP: Readonly<Record<string, string | undefined>> = {
  BAD_INDENT: "Indent this line like its neighbours, with spaces",
  TAB_AS_INDENT: "Indent with spaces, never with tabs",
  DUPLICATE_KEY: "A key may stand only once in a map: remove one of the two",
  MISSING_CHAR: "Close the quote or bracket, or put a colon behind the key",
};
