/**
 * What the style guide asks of whole files and of prose, which a lint rule cannot
 * see: lengths, leftovers, and words that mean nothing to a reader.
 *
 * @module
 */

/** The most lines that a file of the engine has without saying why. */
const ENGINE_LINES_MAX = 400;

/** How the comment on top of a longer file gives its reason. */
const REASON = `Longer than ${ENGINE_LINES_MAX} lines because`;

/** A file of the project. */
export interface ProjectFile {
  /** From the root of the project, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** A pattern that no line may match, and what to say of one that does. */
interface Leftover {
  readonly pattern: RegExp;
  readonly message: string;
}

/** Paths of a machine on which someone worked; examples name other folders. */
const MACHINE_PATH: Leftover = {
  pattern: /(?<![\w.])\/work\/(?:main|shared|\.library)\b/,
  message: "names a path of one machine",
};

/** Promises to the reader. No pattern of this file matches itself. */
const PROMISES: readonly Leftover[] = [
  {
    pattern: /\bTOD[O]\b(?!.*https?:\/\/)/,
    message: "defers work without a link to where it is tracked",
  },
  {
    pattern: /\b(?:FIXM[E]|XX[X]|HAC[K])\b/,
    message: "marks a defect: mend it",
  },
];

const IN_CODE: readonly Leftover[] = [
  MACHINE_PATH,
  ...PROMISES,
  {
    pattern: /^(?:<{7}|={7}|>{7})(?: |$)/,
    message: "is left over from a merge",
  },
  {
    pattern: /^\s*(?:\/\/|\/?\*+)\s*[-=*#~]{4,}/,
    message: "is a banner: a file that needs one wants splitting",
  },
  {
    pattern:
      /^\s*\/\/\s*(?:(?:await|const|export|for|function|if|import|let|return|throw)\b.*|[\w.]+\(.*\))\s*[;{]$/,
    message: "is code in a comment: git remembers it",
  },
  {
    pattern: /\bDeno\.test\.onl[y]\b/,
    message: "keeps every other test from running",
  },
];

const IN_PROSE: readonly Leftover[] = [
  ...PROMISES,
  { pattern: /\/work\//, message: MACHINE_PATH.message },
  {
    pattern: /\bissue #/i,
    message: "refers to an issue: say what holds instead",
  },
  {
    // The word is right for what a signed-in person or a connection has.
    pattern:
      /(?<!\b(?:browser|chat|client|database|sign-in|user) )\bsessions?\b(?! (?:cookie|id|key|token)s?\b)/i,
    message: "tells how the project was made: say what holds instead",
  },
];

/** Everything about a file that is untidy, as `path:line message`. */
export function untidiness(file: ProjectFile): string[] {
  if (/\.gen\./.test(file.path)) return [];
  if (/\.tsx?$/.test(file.path)) {
    return [...ofFile(file), ...ofLines(file, IN_CODE)];
  }
  if (!file.path.endsWith(".md")) return ofLines(file, [MACHINE_PATH]);
  return ofLines({ ...file, text: withoutCode(file.text) }, IN_PROSE);
}

function ofFile({ path, text }: ProjectFile): string[] {
  const problems: string[] = [];
  const lines = text.split("\n").length - 1;
  const top = topComment(text);
  if (!/(?:^|\/)_?[a-z0-9]+(?:_[a-z0-9]+)*(?:\.d)?\.tsx?$/.test(path)) {
    problems.push(`${path}:1 has a name that is not in snake_case`);
  }
  const isToldWhy = top !== "" || /^\/\/ [A-Z]/.test(text);
  if (!isToldWhy && !/_test\.tsx?$/.test(path)) {
    problems.push(`${path}:1 has no comment on top that says why it exists`);
  }
  if (
    path.startsWith("engine/") && lines > ENGINE_LINES_MAX &&
    !top.includes(REASON)
  ) {
    problems.push(
      `${path}:${lines} has more than ${ENGINE_LINES_MAX} lines: split it, or write "${REASON} …" on top`,
    );
  }
  return problems;
}

/** The text of the comment that a file begins with, on one line. */
function topComment(text: string): string {
  const comment =
    /^(?:(?:#!|\/\/).*\n)*\s*\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? "";
  return comment.replace(/\s*\n\s*\*?\s*/g, " ").trim();
}

function ofLines(
  { path, text }: ProjectFile,
  leftovers: readonly Leftover[],
): string[] {
  return text.split("\n").flatMap((line, index) =>
    leftovers
      .filter(({ pattern }) => pattern.test(line))
      .map(({ message }) => `${path}:${index + 1} ${message}`)
  );
}

/** Empties code in Markdown, which may say anything, and keeps its lines. */
function withoutCode(markdown: string): string {
  return markdown
    .replace(
      /^( *)(```+|~~~+).*\n[\s\S]*?^\1\2.*$/gm,
      (block) => block.replace(/[^\n]/g, ""),
    )
    .replace(/`[^`\n]*`/g, "``");
}
