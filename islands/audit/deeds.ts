/**
 * What a call of the API does, in words.
 *
 * @module
 */

/** The first that matches counts; `$1` is what the path names. */
const DEEDS: readonly (readonly [RegExp, string])[] = [
  [/^PUT .*\/dynamic\/components\/([^/]+)$/, "Change the code of $1"],
  [/^POST .*\/dynamic\/components$/, "Send a component"],
  [/^DELETE .*\/dynamic\/components\/([^/]+)$/, "Remove the component $1"],
  [/^POST .*\/dynamic\/components\/([^/]+)\/execute$/, "Execute $1"],
  [/^POST .*\/dynamic\/components\/([^/]+)\/rollback$/, "Roll $1 back"],
  [/^POST .*\/dynamic\/components\/([^/]+)\/stop$/, "Stop $1"],
  [/^POST .*\/dynamic\/components\/([^/]+)\/start$/, "Start $1"],
  [/^POST .*\/dead-letters\/replay$/, "Replay all letters of a source"],
  [/^POST .*\/dead-letters\/([^/]+)\/replay$/, "Replay a dead letter"],
  [/^DELETE .*\/dead-letters$/, "Purge all letters of a source"],
  [/^DELETE .*\/dead-letters\/([^/]+)$/, "Purge a dead letter"],
  [/^POST .*\/schedules$/, "Create a schedule"],
  [/^PUT .*\/schedules\/([^/]+)$/, "Change the schedule $1"],
  [/^DELETE .*\/schedules\/([^/]+)$/, "Delete the schedule $1"],
  [/^POST .*\/schedules\/([^/]+)\/pause$/, "Pause the schedule $1"],
  [/^POST .*\/schedules\/([^/]+)\/resume$/, "Resume the schedule $1"],
  [/^POST .*\/schedules\/([^/]+)\/run$/, "Run the schedule $1 now"],
  [/^POST .*\/runs$/, "Start a run"],
  [/^POST .*\/runs\/([^/]+)\/cancel$/, "Cancel the run $1"],
  [/^POST .*\/runs\/([^/]+)\/fork$/, "Fork the run $1"],
  [/^POST .*\/runs\/([^/]+)\/signals\/[^/]+$/, "Signal the run $1"],
  [/^PUT .*\/documents\/([^/]+)$/, "Save the document $1"],
  [/^DELETE .*\/documents\/([^/]+)$/, "Delete the document $1"],
  [/^PUT .*\/workflow\/config$/, "Save the config"],
  [/^POST .*\/workflow\/reload$/, "Reload"],
  [/^POST .*\/workflow\/validate$/, "Check a document"],
];

/** In words; the call itself where there are none for it. */
export function deedOf(method: string, path: string): string {
  const call = `${method} ${path}`;
  for (const [pattern, words] of DEEDS) {
    const [, name = ""] = pattern.exec(call) ?? [];
    if (pattern.test(call)) return words.replace("$1", () => plain(name));
  }
  return call;
}

/** A part of a path as it was meant. */
function plain(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    // Not encoded as it should be: shown as it came.
    return name;
  }
}
