/**
 * Checks the types of a component's source, before it takes over from another.
 *
 * The compiler of TypeScript does it in a process of its own, which ends with the
 * check and may do nothing: a source that makes it run on or fill its memory
 * costs that process. It sees the source, the types of `sdk.ts` and the library
 * of the language, and no file of the disk. One check runs at a time, since one
 * takes a processor and some 160 MB; it is for the background, not for a call.
 *
 * What passes has no wrong type by the rules of a plain `deno check`, but that a
 * parameter may be without one, and names no value that the sandbox does not
 * have. What it does not see: types imported
 * from anywhere but a path that ends in `sdk.ts` may be anything, JavaScript is
 * only read, and `@ts-ignore` and the like do as they say.
 *
 * @module
 */
import type { Effects } from "../engine/effects.ts";
import { messageOf } from "../engine/errors.ts";
import { CHECK_HEAP_MIB_MAX, spawnHost } from "./spawn_host.ts";
import type { TypeFault } from "./type_fault.ts";
import { readTypeLibraries, type TypeLibraries } from "./type_libraries.ts";

/** The types could not be checked, which says nothing of them. */
export class TypeCheckError extends Error {
  override readonly name = "TypeCheckError";
  /** The source asks too much; else the check itself does not work here. */
  readonly isOfSource: boolean;

  constructor(message: string, isOfSource: boolean, options?: ErrorOptions) {
    super(message, options);
    this.isOfSource = isOfSource;
  }
}

/** How long one check may take, in milliseconds. */
export const CHECK_MS_MAX = 20_000;

/** What the process that checks is given. */
export interface CheckRequest extends TypeLibraries {
  readonly text: string;
  /** Its extension says whether there are types in it. */
  readonly file: string;
}

/** What the process says: what it found, or why it found nothing. */
export type CheckAnswer =
  | { readonly faults: readonly TypeFault[] }
  | { readonly reason: string; readonly isOfSource: boolean };

/** What a check needs of its caller. */
export interface CheckOptions {
  readonly clock: Pick<Effects["clock"], "after">;
  /** Ends the check. */
  readonly signal?: AbortSignal;
}

let last: Promise<unknown> = Promise.resolve();

/**
 * The faults of a source in its order, at most `FAULTS_MAX`; none if it is fine.
 *
 * @param file What errors call the source.
 * @throws {TypeCheckError} It does not end in time, or takes too much memory.
 * @throws The reason of `signal`, once it is this check's turn.
 */
export function checkTypes(
  text: string,
  file: string,
  options: CheckOptions,
): Promise<readonly TypeFault[]> {
  const turn = last.then(() => check(text, file, options));
  last = turn.catch(() => {});
  return turn;
}

async function check(
  text: string,
  file: string,
  { clock, signal }: CheckOptions,
): Promise<readonly TypeFault[]> {
  const failed = (reason: string, isOfSource = true) =>
    new TypeCheckError(
      `Cannot check the types of "${file}": ${reason}`,
      isOfSource,
    );
  const limit = new AbortController();
  const stop = signal === undefined
    ? limit.signal
    : AbortSignal.any([signal, limit.signal]);
  stop.throwIfAborted();
  const cancel = clock.after(
    CHECK_MS_MAX,
    () => limit.abort(failed(`it takes longer than ${CHECK_MS_MAX} ms`)),
  );
  try {
    const answer = await answerOf({ text, file }, stop);
    stop.throwIfAborted();
    if ("faults" in answer) return answer.faults;
    throw failed(answer.reason, answer.isOfSource);
  } finally {
    cancel();
  }
}

/** What a process says of a source, or how it ended. */
async function answerOf(
  source: Pick<CheckRequest, "text" | "file">,
  signal: AbortSignal,
): Promise<CheckAnswer> {
  const libraries = await readTypeLibraries().catch((error) =>
    messageOf(error)
  );
  if (typeof libraries === "string") {
    return { reason: libraries, isOfSource: false };
  }
  const request: CheckRequest = { ...source, ...libraries };
  signal.throwIfAborted();
  const child = spawnHost("check", signal);
  const input = new Blob([JSON.stringify(request)]).stream()
    .pipeTo(child.stdin).catch(() => {
      // It ended before it had read everything: how it ended says more.
    });
  const { success, stdout, code, signal: by } = await child.output();
  await input;
  if (success) return JSON.parse(new TextDecoder().decode(stdout));
  // The runtime traps a process whose heap is full.
  return by === "SIGTRAP"
    ? {
      reason: `it takes more than ${CHECK_HEAP_MIB_MAX} MiB of memory`,
      isOfSource: true,
    }
    : {
      reason: `its process ended ${by === null ? `with ${code}` : `by ${by}`}`,
      isOfSource: false,
    };
}
