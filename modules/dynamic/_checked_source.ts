/**
 * A text that is to take over from what runs: read, and its types checked.
 *
 * @module
 */
import { prepareSource } from "../../components/source.ts";
import { checkTypes, TypeCheckError } from "../../components/type_check.ts";
import { describeFaults } from "../../components/type_fault.ts";
import type { Host } from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";

/** What the check needs to know. */
export interface CheckedSourceOptions {
  /** What messages call the text. */
  readonly title: string;
  /** Its name, whose ending says whether there are types in it. */
  readonly file: string;
  readonly clock: Host["effects"]["clock"];
  /** Told if types cannot be checked here: the text may run all the same. */
  readonly onUnchecked: (message: string) => void;
}

/**
 * The code of a text, without its types.
 *
 * @throws {Error} naming the place of what is wrong.
 */
export async function checkedSource(
  text: string,
  { title, file, clock, onUnchecked }: CheckedSourceOptions,
): Promise<string> {
  const code = await prepareSource(text, title);
  try {
    const faults = await checkTypes(text, file, { clock });
    if (faults.length > 0) throw new Error(describeFaults(title, faults));
  } catch (error) {
    const isElsewhere = error instanceof TypeCheckError && !error.isOfSource;
    if (!isElsewhere) throw error;
    onUnchecked(messageOf(error));
  }
  return code;
}
