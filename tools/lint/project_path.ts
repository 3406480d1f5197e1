/**
 * Where a linted file stands in the project: rules speak of `engine/plan.ts`,
 * the linter of absolute paths.
 *
 * @module
 */
import { relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The path below the project's root with slashes; a relative one is kept. */
export function projectPath(filename: string): string {
  return relative(ROOT, resolve(ROOT, filename)).split(sep).join("/");
}

/** Whether the file holds tests, which may reach into anything. */
export function isTest(path: string): boolean {
  return /_test\.tsx?$/.test(path);
}

/**
 * Whether a path is covered by one of the patterns: a folder with all below it
 * (`engine/config/`), names that begin alike (`engine/run/machine*`), or a file.
 */
export function matches(path: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    if (pattern.endsWith("/")) return path.startsWith(pattern);
    if (pattern.endsWith("*")) return path.startsWith(pattern.slice(0, -1));
    return path === pattern;
  });
}
