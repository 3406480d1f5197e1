/**
 * Text to document. Reports everything that is wrong with the text itself.
 *
 * @module
 */
import { parseDocument as parseYaml } from "yaml";
import type { Document as YamlDocument, YAMLError } from "yaml";
import { Document, type Span } from "./document.ts";
import type { Problem } from "./problem.ts";
import { DOCUMENT_DEPTH_MAX, examine } from "./structure.ts";
import { swallowedItems } from "./swallowed_items.ts";

/** The largest document, in characters. */
export const DOCUMENT_CHARACTERS_MAX = 1_048_576;

/** How a text is read. */
export const PARSE_OPTIONS = {
  merge: true,
  prettyErrors: false,
  // The parser compares every key with every other; `examine` does not.
  uniqueKeys: false,
  // A value is what JSON can say, whatever a tag or a directive asks for.
  schema: "core",
  resolveKnownTags: false,
  logLevel: "error",
} as const;

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
  if (text.length > DOCUMENT_CHARACTERS_MAX) {
    return refuse(file, {
      code: "document-too-large",
      message: `The document has ${text.length} characters: at most ` +
        `${DOCUMENT_CHARACTERS_MAX} are read`,
      help: "Split it into several documents",
    });
  }
  try {
    const yaml = parseYaml(text, PARSE_OPTIONS);
    return read(yaml, { file, text });
  } catch (error) {
    // The parser gives up by throwing only where the stack is exhausted.
    if (!(error instanceof RangeError)) throw error;
    return refuse(file, { code: "yaml-syntax", message: TOO_DEEP });
  }
}

/** What is said of a text of which nothing can be read. */
function refuse(
  file: string,
  fields: Pick<Problem, "code" | "message" | "help">,
): Parsed {
  const empty = new Document({ file, text: "" }, {
    yaml: parseYaml(""),
    targets: new Map(),
    value: null,
  });
  return { problems: [empty.problem({ ...fields, path: [] })] };
}

/** What the parser made of a text, as a document. */
export function read(
  yaml: YamlDocument,
  source: { readonly file: string; readonly text: string },
): Parsed {
  const { targets, faults } = examine(yaml);
  const shell = new Document(source, { yaml, targets, value: null });
  const problems = syntaxProblems(yaml.errors, shell);
  if (problems.length > 0) return { problems };
  for (const fault of faults) {
    const { message, help } = fault;
    problems.push(shell.problemAt(fault, {
      code: "yaml-syntax",
      path: [],
      message,
      help,
    }));
  }
  if (problems.length > 0) return { problems };
  const warnings = yaml.warnings.map((warning): Problem => ({
    ...syntaxProblem(warning, shell),
    severity: "warning",
  }));
  for (const span of swallowedItems(yaml, source.text)) {
    warnings.push(shell.problemAt(span, {
      code: "yaml-syntax",
      severity: "warning",
      path: [],
      message: "This is no list item: it continues the text of the line before",
      help: "Indent it like the item before it, or put the text into quotes",
    }));
  }
  // What an alias can do to the size is examined; the parser's own count is off.
  const value: unknown = yaml.toJS({ maxAliasCount: -1 });
  const document = new Document(source, { yaml, targets, value });
  return { document, problems: warnings };
}

/**
 * A key that is indented too much continues the value of the line before, and
 * the parser complains about that value, twice: once, at the key, says more.
 */
function syntaxProblems(
  errors: readonly YAMLError[],
  shell: Document,
): Problem[] {
  const deeper = new Map(errors.flatMap((error) => {
    const line = continuedBy(error, shell.text);
    return line === undefined ? [] : [[error.pos[0], line] as const];
  }));
  // Behind one token too many everything is too much.
  const first = errors.find(({ code }) => code === "UNEXPECTED_TOKEN");
  return errors.flatMap((error) => {
    if (error.code === "UNEXPECTED_TOKEN" && error !== first) return [];
    const line = deeper.get(error.pos[0]);
    if (line === undefined) return [syntaxProblem(error, shell)];
    if (error.code !== "MULTILINE_IMPLICIT_KEY") return [];
    return [shell.problemAt(line, {
      code: "yaml-syntax",
      path: [],
      message:
        "This line is indented more than the one before, and so continues its value",
      help: HELP.BAD_INDENT,
    })];
  });
}

/** The last line of a key that begins on a line further up. */
function continuedBy(
  { code, pos: [start, end] }: YAMLError,
  text: string,
): Span | undefined {
  if (code !== "MULTILINE_IMPLICIT_KEY") return undefined;
  const lineStart = text.lastIndexOf("\n", end - 1) + 1;
  if (lineStart <= start) return undefined;
  return { start: contentFrom(lineStart, text), end };
}

/** The first character of neither white space nor a comment, from a line on. */
function contentFrom(offset: number, text: string): number {
  const gap = /(?:\s|#.*)*/y;
  gap.lastIndex = offset;
  return offset + (gap.exec(text)?.[0].length ?? 0);
}

function syntaxProblem(error: YAMLError, shell: Document): Problem {
  const [at, end] = error.pos;
  const { text } = shell;
  const lineEnd = text.indexOf("\n", at);
  // The parser may mark the end of the line before, and lines without content.
  const isBefore = error.code === "BAD_INDENT" && lineEnd >= 0 &&
    text.slice(at, lineEnd).trim() === "";
  const start = isBefore ? contentFrom(at, text) : at;
  return shell.problemAt({ start, end }, {
    code: "yaml-syntax",
    path: [],
    message: MESSAGES[error.code] ?? firstLine(error.message),
    help: HELP[error.code],
  });
}

function firstLine(message: string): string {
  const line = message.split("\n")[0] ?? message;
  return line.replace(/ at line \d+, column \d+:?$/, "");
}

const TOO_DEEP = `Values are nested deeper than ${DOCUMENT_DEPTH_MAX} levels`;

/** Where the parser speaks of itself rather than of the text. */
const MESSAGES: Readonly<Record<string, string | undefined>> = {
  RESOURCE_EXHAUSTION: TOO_DEEP,
  MULTIPLE_DOCS: "The text holds more than one YAML document",
};

const HELP: Readonly<Record<string, string | undefined>> = {
  UNEXPECTED_TOKEN:
    "Lines that belong together begin in the same column, also the first one",
  BAD_INDENT: "Indent this line like its neighbours, with spaces",
  TAB_AS_INDENT: "Indent with spaces, never with tabs",
  MISSING_CHAR: "Close the quote or bracket, or put a colon behind the key",
  MULTIPLE_DOCS: "Put each into a file of its own",
  TAG_RESOLVE_FAILED: "Write the value without a tag",
};
