/**
 * Gives the log what it does not have of a run yet. After a failure nothing of
 * the run is written any more: a journal must have no gap.
 *
 * @module
 */
import type { Ending } from "./archive.ts";
import { APPEND_CHARACTERS_MAX, type RunLog, type Segment } from "./log.ts";
import type { Run } from "./run.ts";

/** Writes entries of a run that goes on. Resolves once they are durable. */
export async function writeEntries(run: Run, log: RunLog): Promise<void> {
  if (run.unwritten === 0) return;
  if (run.lost !== undefined) throw run.lost;
  const { length } = run.entries;
  const texts = textsOf(run);
  run.unwritten = 0;
  const pin = (segment: Segment) => run.pinTo(segment);
  try {
    if (texts.length === 1) await log.append(texts[0] ?? "", pin);
    else await Promise.all(texts.map((text) => log.append(text, pin)));
    run.durable = Math.max(run.durable, length);
  } catch (error) {
    lose(run, error);
    throw error;
  }
}

/** Writes a run that ends, whole. Resolves once it is kept. */
export async function writeEnd(
  run: Run,
  log: RunLog,
  { retentionMs, sets, deletes }: Pick<
    Ending,
    "retentionMs" | "sets" | "deletes"
  >,
): Promise<void> {
  if (run.lost !== undefined) throw run.lost;
  const { id, entries, durable } = run;
  run.unwritten = 0;
  try {
    const isLogged = durable > 0;
    await log.end({ id, entries, isLogged, retentionMs, sets, deletes });
    run.durable = entries.length;
  } catch (error) {
    lose(run, error);
    throw error;
  }
}

function lose(run: Run, error: unknown): void {
  run.lost = error;
  run.tellWatchers();
}

/** The lines, in as few texts as the log takes. */
function textsOf({ id, entries, unwritten }: Run): string[] {
  const texts: string[] = [];
  let text = "";
  for (let i = entries.length - unwritten; i < entries.length; i++) {
    const line = `${id} ${i} ${entries[i]}\n`;
    if (text !== "" && text.length + line.length > APPEND_CHARACTERS_MAX) {
      texts.push(text);
      text = "";
    }
    text += line;
  }
  texts.push(text);
  return texts;
}
