/**
 * What goes with whatever a run makes others do, so that circles end.
 *
 * @module
 */
import { pipelineMark } from "../services/broker.ts";
import type { AcceptedEntry } from "./journal.ts";

/** What has led to a run, and its pipeline, each once. */
export function viaOf(
  { pipeline, via = [] }: AcceptedEntry,
  application: string,
): readonly string[] {
  const self = pipelineMark(application, pipeline);
  return via.includes(self) ? via : [...via, self];
}
