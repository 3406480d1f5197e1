/**
 * Makes the source of a component ready to run: TypeScript becomes JavaScript,
 * and what could load further code is refused with its place.
 *
 * A component is one file. Types may be imported from anywhere, since they are
 * gone before anything runs; nothing else may be. With code from strings turned
 * off in the host, all code that ever runs is what was read here.
 *
 * @module
 */
import type { Node, Program } from "acorn";
import { stripTypeScriptTypes } from "node:module";

/** The source cannot be used. The message says where and why. */
export class SourceError extends Error {
  override readonly name = "SourceError";
}

/** The most that a source may have, in characters: 1 Mi. */
export const SOURCE_CHARACTERS_MAX = 1024 * 1024;

/**
 * The code that a component is loaded from. Lines and columns are those of the
 * source where it has no `enum`, `namespace` or parameter properties.
 *
 * @param name What errors call the source.
 * @throws {SourceError}
 */
export async function prepareSource(
  text: string,
  name: string,
): Promise<string> {
  if (text.length > SOURCE_CHARACTERS_MAX) {
    throw new SourceError(
      `Cannot use "${name}": it has ${text.length} characters, the limit is ` +
        `${SOURCE_CHARACTERS_MAX} characters`,
    );
  }
  const code = withoutTypes(text, name);
  const program = await parsed(code, name);
  for (const node of nodesOf(program)) refuse(node, name);
  return code;
}

function withoutTypes(text: string, name: string): string {
  try {
    return stripTypeScriptTypes(text);
  } catch {
    // An enum, a namespace: what is no mere annotation is made into code.
  }
  try {
    return stripTypeScriptTypes(text, { mode: "transform" });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const [first = message] = message.split("\n");
    const place = /:(\d+:\d+)\s*$/.exec(message)?.[1];
    const what = first.replace(/^\w*Error: /, "").replace(/ at file:.*$/, "");
    throw new SourceError(
      `Cannot read "${name}"${place === undefined ? "" : `:${place}`}: ${what}`,
      { cause: error },
    );
  }
}

async function parsed(code: string, name: string): Promise<Program> {
  const { parse } = await import("acorn");
  try {
    return parse(code, {
      ecmaVersion: "latest",
      sourceType: "module",
      locations: true,
    });
  } catch (error) {
    const { loc, message } = error as {
      readonly loc?: { readonly line: number; readonly column: number };
      readonly message: string;
    };
    const place = loc === undefined ? "" : `:${loc.line}:${loc.column + 1}`;
    throw new SourceError(
      `Cannot read "${name}"${place}: ${message.replace(/ \(\d+:\d+\)$/, "")}`,
      { cause: error },
    );
  }
}

const REFUSED: Readonly<Record<string, string>> = {
  ImportDeclaration: "only types can be imported",
  ExportAllDeclaration: "nothing can be taken from another file",
  ImportExpression: "code cannot be loaded while it runs",
};

function refuse(node: Node, name: string): void {
  const isReExport = node.type === "ExportNamedDeclaration" &&
    (node as { source?: unknown }).source;
  const reason = isReExport
    ? "nothing can be taken from another file"
    : REFUSED[node.type];
  if (reason === undefined) return;
  const { line = 0, column = 0 } = node.loc?.start ?? {};
  const { source } = node as { source?: { readonly value?: unknown } };
  const what = typeof source?.value === "string" ? ` of "${source.value}"` : "";
  throw new SourceError(
    `Cannot use "${name}":${line}:${column + 1}: an import${what}: ${reason}`,
  );
}

/** Every node of a tree. No recursion: a source may nest as deep as it likes. */
function* nodesOf(root: Node): Generator<Node, void, void> {
  const rest: unknown[] = [root];
  while (rest.length > 0) {
    const value = rest.pop();
    if (value === null || typeof value !== "object") continue;
    if (typeof (value as Node).type === "string") yield value as Node;
    for (const child of Object.values(value)) {
      if (child !== null && typeof child === "object") rest.push(child);
    }
  }
}
