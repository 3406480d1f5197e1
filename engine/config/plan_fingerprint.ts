/**
 * Says whether two plans run the same.
 *
 * @module
 */
import { fingerprint } from "../fingerprint.ts";
import type { Plan } from "../plan.ts";

/** Changes with anything that changes what runs, and with nothing else. */
export function planFingerprint(
  { modules, sections, links, pipelines }: Pick<
    Plan,
    "modules" | "sections" | "links" | "pipelines"
  >,
): string {
  return fingerprint([
    modules.map(({ name, fingerprint }) => [name, fingerprint]),
    sections.map(({ path, config }) => [path, config]),
    // Where a link stands changes nothing that runs.
    ...links.map(({ place: _, ...link }) => link),
    ...pipelines.length === 0
      ? []
      : [pipelines.map(({ id, written }) => [id, written])],
  ]);
}
