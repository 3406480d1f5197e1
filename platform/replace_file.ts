/**
 * Replaces a file in one step: a reader sees the old one or the new one.
 *
 * @module
 */

/** Whether the folder let it happen. Who could not read it still cannot. */
export async function replaceFile(
  file: string,
  text: string,
): Promise<boolean> {
  const next = `${file}.next`;
  try {
    const mode = await modeOf(file);
    // Made anew: what lies there may be a link, or what a crash has left.
    await Deno.remove(next).catch(ignoreMissing);
    await Deno.writeTextFile(next, text, {
      createNew: true,
      ...(mode === undefined ? {} : { mode }),
    });
    await Deno.rename(next, file);
    return true;
  } catch (error) {
    const isReadOnly = error instanceof Deno.errors.PermissionDenied ||
      error instanceof Deno.errors.NotCapable ||
      (error as { code?: string }).code === "EROFS";
    if (isReadOnly) return false;
    throw error;
  }
}

/** The permissions of a file; `undefined` if there is none, or none are known. */
async function modeOf(file: string): Promise<number | undefined> {
  const info = await Deno.stat(file).catch(ignoreMissing);
  const mode = info?.mode ?? undefined;
  return mode === undefined ? undefined : mode & 0o777;
}

function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
