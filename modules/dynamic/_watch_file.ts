/**
 * Tells that a file, or what lies in a folder, has changed, once it has been left
 * alone for a while: an editor writes in several steps, and may put another file
 * in its place.
 *
 * @module
 */
import { dirname } from "node:path";
import type { Host } from "@engine/define.ts";

/** How long it must be left alone, in milliseconds. */
export const DEBOUNCE_MS = 200;

/** Watches until the result is called. */
export function watchFile(
  file: string,
  clock: Host["effects"]["clock"],
  onChange: () => void,
): () => void {
  // The folder, since the file itself may be replaced.
  return watch(dirname(file), {
    ...{ clock, onChange },
    concerns: ({ paths }) => paths.includes(file),
  });
}

/** Watches which files there are, until the result is called. */
export function watchFolder(
  folder: string,
  clock: Host["effects"]["clock"],
  onChange: () => void,
): () => void {
  return watch(folder, {
    ...{ clock, onChange },
    concerns: ({ kind }) => kind !== "modify",
  });
}

function watch(
  folder: string,
  { clock, onChange, concerns }: {
    readonly clock: Host["effects"]["clock"];
    readonly onChange: () => void;
    readonly concerns: (event: Deno.FsEvent) => boolean;
  },
): () => void {
  const watcher = Deno.watchFs(folder, { recursive: false });
  let cancel = () => {};
  void (async () => {
    for await (const event of watcher) {
      if (event.kind === "access" || !concerns(event)) continue;
      cancel();
      cancel = clock.after(DEBOUNCE_MS, onChange);
    }
  })();
  return () => {
    cancel();
    watcher.close();
  };
}
