/**
 * Tells that a file has changed, once it has been left alone for a while: an
 * editor writes in several steps, and may put another file in its place.
 *
 * @module
 */
import { dirname } from "node:path";
import type { Host } from "@engine/define.ts";

/** How long a file must be left alone, in milliseconds. */
export const DEBOUNCE_MS = 200;

/** Watches until the result is called. */
export function watchFile(
  file: string,
  clock: Host["effects"]["clock"],
  onChange: () => void,
): () => void {
  // The folder, since the file itself may be replaced.
  const watcher = Deno.watchFs(dirname(file), { recursive: false });
  let cancel = () => {};
  void (async () => {
    for await (const { kind, paths } of watcher) {
      if (kind === "access" || !paths.includes(file)) continue;
      cancel();
      cancel = clock.after(DEBOUNCE_MS, onChange);
    }
  })();
  return () => {
    cancel();
    watcher.close();
  };
}
