/**
 * Checks the types of one component. All that the compiler sees is in memory:
 * the component, the types for its author, and the library of the language.
 *
 * @module
 */
import ts from "typescript";
import type { CheckRequest } from "../type_check.ts";
import { FAULTS_MAX, type TypeFault } from "../type_fault.ts";
import { withoutOtherNames } from "./component_names.ts";
import { SDK, SDK_ENTRY } from "./sdk_texts.ts";

/** The most characters of one message. */
const MESSAGE_CHARACTERS_MAX = 500;

/** What TypeScript adds of its own options, which an author does not set. */
const ADVICE = / Do you need to (?:install|change) .*$/;

/** What a plain `deno check` has, too, unless it says otherwise. */
const OPTIONS: ts.CompilerOptions = {
  strict: true,
  // What has no type is checked where it meets what has one.
  noImplicitAny: false,
  noImplicitOverride: true,
  isolatedModules: true,
  moduleDetection: ts.ModuleDetectionKind.Force,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  target: ts.ScriptTarget.ESNext,
  allowImportingTsExtensions: true,
  allowJs: true,
  noEmit: true,
  types: [],
};

/** What is taken from elsewhere cannot be found here, and may be anything. */
const NOT_FOUND: ReadonlySet<number> = new Set([
  2307, // A module
  2792, // The same, with advice
  2882, // The same, of an import for its effect
  6053, // A file that a comment refers to
  6231, // The same, without an extension
  2688, // A package that a comment refers to
  2726, // A library that a comment refers to
]);

/** A name that Node has: a module, or a value such as `process`. */
const NOT_FOUND_OF_NODE: ReadonlySet<number> = new Set([2580, 2591]);

/** In the order of the source. */
export function typeFaults(request: CheckRequest): TypeFault[] {
  const name = /\.[cm]?js$/.test(request.file) ? "/code.js" : "/code.ts";
  const texts = new Map<string, string>([
    [name, request.text],
    ...SDK,
    ...Object.entries(request.libraries).map(([library, text]) =>
      [`/${library}`, withoutOtherNames(text)] as const
    ),
  ]);
  const program = ts.createProgram({
    rootNames: [name],
    options: { ...OPTIONS, lib: request.entries.slice() },
    host: hostOf(texts),
  });
  const source = program.getSourceFile(name);
  const found = [
    ...program.getSyntacticDiagnostics(source),
    ...program.getSemanticDiagnostics(source),
  ];
  return ts.sortAndDeduplicateDiagnostics(found)
    .filter((fault) => !isOfElsewhere(fault))
    .slice(0, FAULTS_MAX)
    .map(faultOf);
}

function isOfElsewhere({ code, file, start = 0 }: ts.Diagnostic): boolean {
  const isQuoted = /["'`]/.test(file?.text.charAt(start) ?? "");
  return NOT_FOUND.has(code) || (isQuoted && NOT_FOUND_OF_NODE.has(code));
}

function faultOf(
  { file, start = 0, code, messageText }: ts.Diagnostic,
): TypeFault {
  const place = file?.getLineAndCharacterOfPosition(start);
  const message = ts.flattenDiagnosticMessageText(messageText, " ")
    .replace(/\s+/g, " ").replace(ADVICE, "").replace(/\.$/, "");
  return {
    line: (place?.line ?? 0) + 1,
    column: (place?.character ?? 0) + 1,
    code: `TS${code}`,
    message: message.length <= MESSAGE_CHARACTERS_MAX
      ? message
      : `${message.slice(0, MESSAGE_CHARACTERS_MAX)}…`,
  };
}

function hostOf(texts: ReadonlyMap<string, string>): ts.CompilerHost {
  return {
    fileExists: (name) => texts.has(name),
    readFile: (name) => texts.get(name),
    getSourceFile(name, options) {
      const text = texts.get(name);
      return text === undefined
        ? undefined
        : ts.createSourceFile(name, text, options);
    },
    resolveModuleNameLiterals: (literals, importer) =>
      literals.map(({ text }) => ({
        resolvedModule: resolved(text, importer),
      })),
    getDefaultLibFileName: () => "/lib.d.ts",
    getCurrentDirectory: () => "/",
    getCanonicalFileName: (name) => name,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
    writeFile() {},
  };
}

/** The one file that a component can import from, or what that imports. */
function resolved(
  specifier: string,
  importer: string,
): ts.ResolvedModuleFull | undefined {
  const path = SDK.has(importer)
    ? new URL(specifier, `file://${importer}`).pathname
    : /(?:^|\/)sdk\.ts$/.test(specifier)
    ? SDK_ENTRY
    : "";
  return SDK.has(path)
    ? { resolvedFileName: path, extension: ts.Extension.Ts }
    : undefined;
}
