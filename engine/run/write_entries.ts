/**
 * Gives the log what it does not have yet of a run that goes on.
 *
 * @module
 */
import { APPEND_CHARACTERS_MAX, type RunLog, type Segment } from "./log.ts";
import type { Run } from "./run.ts";

/** Resolves once the entries of a run are durable, unless it is lost. */
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
    run.lose(error);
    throw error;
  }
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
