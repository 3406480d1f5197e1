/**
 * Gives the log the entries of a run that it does not have yet.
 *
 * @module
 */
import { APPEND_CHARACTERS_MAX, type RunLog } from "./log.ts";
import type { Run } from "./run.ts";

/**
 * Resolves once they are durable. After a failure nothing of the run is written
 * any more: a journal must have no gap.
 */
export async function writeEntries(run: Run, log: RunLog): Promise<void> {
  if (run.unwritten === 0) return;
  if (run.lost !== undefined) throw run.lost;
  const { length } = run.entries;
  const texts = textsOf(run);
  run.unwritten = 0;
  try {
    if (texts.length === 1) await append(texts[0] ?? "", run, log);
    else await Promise.all(texts.map((text) => append(text, run, log)));
    run.durable = Math.max(run.durable, length);
  } catch (error) {
    run.lost = error;
    run.tellWatchers();
    throw error;
  }
}

function append(text: string, run: Run, log: RunLog): Promise<unknown> {
  return log.append(text, (segment) => run.pinTo(segment));
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
