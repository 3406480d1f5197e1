/**
 * Reads the comment on top of an example document: how it is started, what to
 * ask it, and what comes of it.
 *
 * ```text
 * #   deno task start --config examples/notes.yaml
 * #   curl http://127.0.0.1:8080/notes
 * #     answers 200 with []
 * #     logs web: Some message
 * #   sleep 10
 * ```
 *
 * @module
 */

/** One line of the comment that begins with `curl`, and those below it. */
export interface Question {
  /** What passes before it is asked, in milliseconds. */
  readonly sleepMs: number;
  /** As it stands in the comment. */
  readonly command: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly status: number;
  /** Stands in the headers or the body of the answer. */
  readonly text: string;
  /** Lines of the log, as `module: message`. */
  readonly logs: readonly string[];
}

/** What a comment says. */
export interface ExampleComment {
  /** The documents that run together, from the root of the project. */
  readonly files: readonly string[];
  readonly questions: readonly Question[];
}

/**
 * Reads a document's comment.
 *
 * @throws {Error} naming the line that is not of this form.
 */
export function exampleComment(yaml: string): ExampleComment {
  const [comment = ""] = yaml.split("\n\n", 1);
  const lines = comment.split("\n").map((line) => line.replace(/^# ?/, ""));
  const start = lines.find((line) => line.startsWith("  deno task start"));
  if (start === undefined) {
    throw new Error(`Cannot find how to start it in:\n${comment}`);
  }
  return {
    files: start.split("--config ")[1]?.split(" ") ?? [],
    questions: lines.flatMap((line, index) =>
      line.startsWith("  curl ")
        ? [{
          ...question(lines.slice(index)),
          sleepMs: sleepMs(lines[index - 1]),
        }]
        : []
    ),
  };
}

/** What a line before a question says that passes. */
function sleepMs(line = ""): number {
  return Number(/^ {2}sleep (\d+)$/.exec(line)?.[1] ?? 0) * 1_000;
}

function question(
  [first = "", ...rest]: readonly string[],
): Omit<Question, "sleepMs"> {
  const end = rest.findIndex((line) => !line.startsWith("    "));
  const below = rest.slice(0, end < 0 ? rest.length : end)
    .map((line) => line.trim());
  const answer = /^answers (\d{3}) with (.+)$/.exec(below[0] ?? "");
  if (!answer) throw new Error(`Cannot find what it answers: ${first}`);
  return {
    command: first.trim(),
    ...request(first.trim()),
    status: Number(answer[1]),
    text: answer[2] ?? "",
    logs: below.slice(1).map((line) => {
      const log = /^logs (.+)$/.exec(line)?.[1];
      if (log === undefined) throw new Error(`Cannot understand: ${line}`);
      return log;
    }),
  };
}

/** The flags of curl that examples use. */
function request(command: string) {
  const words = [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)]
    .map(([, single, double, plain]) => single ?? double ?? plain ?? "");
  const headers: Record<string, string> = {};
  let method: string | undefined;
  let body: string | undefined;
  let url = "";
  for (let index = 1; index < words.length; index++) {
    const word = words[index] ?? "";
    if (word === "-i") continue;
    else if (word === "-X") method = words[++index];
    else if (word === "--json") body = words[++index];
    else if (word === "-H") {
      const [name = "", value = ""] = (words[++index] ?? "").split(/: (.*)/);
      headers[name] = value;
    } else if (word.startsWith("http://")) url = word;
    else throw new Error(`Cannot understand "${word}" in: ${command}`);
  }
  if (body !== undefined) headers["content-type"] = "application/json";
  return {
    method: method ?? (body === undefined ? "GET" : "POST"),
    url,
    headers,
    body,
  };
}
