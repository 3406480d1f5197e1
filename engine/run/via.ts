/**
 * What goes with whatever a run makes others do, so that circles end.
 *
 * @module
 */
import { pipelineMark } from "../services/broker.ts";
import type { AcceptedEntry } from "./journal.ts";

/** The lists of runs that nothing has led to: one for each pipeline. */
const alone = new Map<string, readonly string[]>();

/** What has led to a run, and its pipeline, each once. */
export function viaOf(
  { pipeline, via }: AcceptedEntry,
  application: string,
): readonly string[] {
  const self = pipelineMark(application, pipeline);
  if (via !== undefined) return via.includes(self) ? via : [...via, self];
  let list = alone.get(self);
  if (list === undefined) {
    list = [self];
    alone.set(self, list);
  }
  return list;
}
