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
import type { Node, Position, Program } from "acorn";
import { spawnHost } from "./spawn_host.ts";
import { type Stripped, stripTypes } from "./strip_types.ts";

/** The source cannot be used. The message says where and why. */
export class SourceError extends Error {
  override readonly name = "SourceError";
}

/** The most that a source may have, in characters: 1 Mi. */
export const SOURCE_CHARACTERS_MAX = 1024 * 1024;

/** The most characters that are read in the engine's own process. */
const READ_HERE_CHARACTERS_MAX = 4_000;

/** How long another process may read a source, in milliseconds. */
const READ_MS_MAX = 10_000;

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
  const code = await withoutTypes(text, name);
  const program = await parsed(code, name);
  for (const node of nodesOf(program)) refuse(node, name);
  return code;
}

async function withoutTypes(text: string, name: string): Promise<string> {
  const stripped = text.length <= READ_HERE_CHARACTERS_MAX
    ? stripTypes(text)
    : await strippedElsewhere(text, name);
  if ("code" in stripped) return stripped.code;
  const { place, reason } = stripped;
  throw new SourceError(
    `Cannot read "${name}"${place === undefined ? "" : `:${place}`}: ${reason}`,
  );
}

/** A process of its own reads it, which may break without harm. */
async function strippedElsewhere(
  text: string,
  name: string,
): Promise<Stripped> {
  const child = spawnHost("strip", AbortSignal.timeout(READ_MS_MAX));
  const input = new Blob([text]).stream().pipeTo(child.stdin).catch(() => {
    // It ended before it had read everything: its output says no more.
  });
  const { success, stdout } = await child.output();
  await input;
  if (success) return JSON.parse(new TextDecoder().decode(stdout));
  throw new SourceError(
    `Cannot read "${name}": it nests too deep, or takes longer than ` +
      `${READ_MS_MAX} ms`,
  );
}

async function parsed(code: string, name: string): Promise<Program> {
  const { parse } = await import("acorn");
  try {
    return parse(code, {
      ecmaVersion: "latest",
      sourceType: "module",
      locations: true,
      onComment: (_isBlock, comment, _start, _end, place) => {
        if (SOURCE_NAME.test(comment)) refuseName(name, place);
      },
    });
  } catch (error) {
    if (error instanceof SourceError) throw error;
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

/** What makes the runtime read a file, or tell another name in errors. */
const SOURCE_NAME = /^[#@]\s*source(Mapping)?URL\s*=/i;

function refuseName(name: string, place: Position | undefined): never {
  const { line = 0, column = 0 } = place ?? {};
  throw new SourceError(
    `Cannot use "${name}":${line}:${
      column + 1
    }: a comment that names a source ` +
      "map or another source: leave it out",
  );
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
