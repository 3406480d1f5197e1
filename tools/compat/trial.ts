/**
 * Tries a document of whatever origin: loads it, starts it in memory, and asks each
 * of its routes.
 *
 * @module
 */
import { catalog, definitions } from "../../catalog.gen.ts";
import { messageOf } from "../../engine/errors.ts";
import type { Problem } from "../../engine/config/problem.ts";
import { parse } from "../../engine/config/parse.ts";
import { loadWhole } from "../../engine/load_whole.ts";
import { HttpRouter } from "../../engine/services/http_router.ts";
import { HttpServer } from "../../engine/services/http_server.ts";
import { simulatedEffects } from "../../engine/simulation/effects.ts";
import {
  startApplication,
  type TestApplication,
} from "../../engine/testing.ts";

/** What became of a document. */
export interface Trial {
  readonly file: string;
  /** Errors that keep it from being loaded, each with its place; empty if it loads. */
  readonly errors: readonly string[];
  /** Why it does not start; absent if it does, or has not got so far. */
  readonly startError?: string;
  /** What each route that only reads has answered. */
  readonly answers: readonly Answer[];
  /** Routes that change something, which are not asked. */
  readonly unasked: number;
  /** Keys, types and names that have no effect, each with its place. */
  readonly ineffective: readonly string[];
  /** Variables that are not set, and that a text stood in for. */
  readonly stoodIn: readonly string[];
}

/** What a route has answered. */
export interface Answer {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** What is said of something that has no effect. */
const INEFFECTIVE: ReadonlySet<string> = new Set([
  "ineffective-key",
  "inert-key",
  "inert-type",
  "unresolved-reference",
]);

/** Whether a document loads and starts, and its routes answer. */
export function passes({ errors, startError, answers }: Trial): boolean {
  return errors.length === 0 && startError === undefined &&
    !answers.some(isFault);
}

/** Whether an answer is a failure: that a backend is not there is none. */
export function isFault({ status }: Answer): boolean {
  return status >= 500 && !BACKEND_AWAY.has(status);
}

const BACKEND_AWAY: ReadonlySet<number> = new Set([502, 503, 504]);

/**
 * Tries a document. Clock, store and network are simulated, so that nothing outside
 * is touched and no port is taken; components run as they always do.
 *
 * @param folder Where it stands, with a slash at the end.
 */
export async function tryDocument(
  text: string,
  { file, folder, env }: {
    readonly file: string;
    readonly folder: string;
    readonly env: Readonly<Record<string, string>>;
  },
): Promise<Trial> {
  const sources = {
    env: (name: string) => env[name],
    secrets: new Map<string, string>(),
  };
  const parsed = parse(text, file);
  const { problems, plan } = await loadWhole(parsed, {
    ...{ catalog, sources, folder },
  });
  const stoodIn = [
    ...new Set(
      problems.filter(({ code }) => code === "unset-variable")
        .flatMap(({ found }) => found ?? []),
    ),
  ];
  const errors = problems.filter(({ severity }) => severity === "error");
  const known = {
    ...{ file, stoodIn },
    errors: errors.map(lineOf),
    ineffective: problems.filter(({ code }) => INEFFECTIVE.has(code))
      .map(lineOf),
  };
  if (plan === undefined) return { ...known, answers: [], unasked: 0 };
  try {
    await using app = await startApplication({
      ...{ document: text, definitions, folder },
      env: {
        ...Object.fromEntries(stoodIn.map((name) => [name, "stands-in"])),
        ...env,
      },
      effects: simulatedEffects(),
    });
    return { ...known, ...await answersOf(app) };
  } catch (error) {
    return { ...known, startError: messageOf(error), answers: [], unasked: 0 };
  }
}

async function answersOf(
  app: TestApplication<ReturnType<typeof simulatedEffects>>,
): Promise<Pick<Trial, "answers" | "unasked">> {
  const hasServer = app.application.all(HttpServer).length > 0;
  const routes = hasServer
    ? app.application.all(HttpRouter).flatMap(({ service }) => service.routes())
    : [];
  const reads = routes.filter(({ method }) => method === "GET");
  const answers: Answer[] = [];
  for (const { method, pattern } of reads) {
    const path = pattern.replaceAll(/\{[^}]*\}/g, "1").replace(/\*+$/, "x");
    const response = await app.request(method, path);
    await response.body?.cancel();
    answers.push({ method, path: pattern, status: response.status });
  }
  return { answers, unasked: routes.length - reads.length };
}

function lineOf({ line, column, message, path }: Problem): string {
  return `${line}:${column} ${path}: ${message}`;
}
