/**
 * Reloads a document when its file changes. A bad edit changes nothing but the
 * log: the old document serves on.
 *
 * @module
 */
import { dirname, resolve } from "node:path";
import {
  ConfigError,
  type Engine,
  formatProblem,
  type LogSink,
  messageOf,
} from "../engine/mod.ts";

/** Editors write a file in several steps; this is how long to wait for the last. */
export const SETTLE_MS = 150;

/** Watches every file that runs; returns what ends it. */
export function reloadOnChange(engine: Engine, log: LogSink): () => void {
  const files = new Map<string, string>();
  for (const { id } of engine.applications) {
    const file = engine.source(id)?.file;
    if (file !== undefined) files.set(resolve(file), id);
  }
  // The folder is watched, not the file: editors replace files by renaming.
  const folders = [...new Set([...files.keys()].map(dirname))];
  if (folders.length === 0) return () => {};
  const watcher = Deno.watchFs(folders, { recursive: false });
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  watch();
  return () => {
    watcher.close();
    timers.forEach((timer) => clearTimeout(timer));
  };

  async function watch(): Promise<void> {
    for await (const { paths } of watcher) {
      for (const path of paths) {
        const id = files.get(resolve(path));
        if (id === undefined) continue;
        clearTimeout(timers.get(path));
        timers.set(path, setTimeout(() => reload(id, path), SETTLE_MS));
      }
    }
  }

  async function reload(id: string, path: string): Promise<void> {
    try {
      const text = await Deno.readTextFile(path);
      if (text === engine.source(id)?.text) return;
      const warnings = await engine.reload(id, text);
      for (const problem of warnings) log("warn", formatProblem(problem), {});
      log("info", `${id} is reloaded`, { application: id });
    } catch (error) {
      const problems = error instanceof ConfigError ? error.problems : [];
      for (const problem of problems) log("error", formatProblem(problem), {});
      if (problems.length === 0) {
        log("error", messageOf(error), { application: id });
      }
      log("warn", `${id} runs on as it was`, { application: id });
    }
  }
}
