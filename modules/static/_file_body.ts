/**
 * Reads a part of an open file as the body of a response.
 *
 * @module
 */

/** A part up to this size is read at once; a longer one streams. */
export const AT_ONCE_BYTES_MAX = 64 * 1_024;

/** The part of a file from `start` to `end` (exclusive). Closes the file. */
export async function fileBody(
  file: Deno.FsFile,
  start: number,
  end: number,
): Promise<Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>> {
  try {
    if (start > 0) await file.seek(start, Deno.SeekMode.Start);
    if (end - start > AT_ONCE_BYTES_MAX) return streamOf(file, end - start);
    const whole = await readFully(file, end - start);
    file.close();
    return whole;
  } catch (error) {
    file.close();
    throw error;
  }
}

async function readFully(
  file: Deno.FsFile,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const count = await file.read(bytes.subarray(filled));
    if (count === null) throw shrunk();
    filled += count;
  }
  return bytes;
}

/** Closes the file at the end, after an error, and when nobody reads on. */
function streamOf(
  file: Deno.FsFile,
  length: number,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let left = length;
  return new ReadableStream({
    async pull(controller) {
      try {
        const chunk = new Uint8Array(Math.min(left, AT_ONCE_BYTES_MAX));
        const count = await file.read(chunk);
        if (count === null) throw shrunk();
        left -= count;
        controller.enqueue(chunk.subarray(0, count));
        if (left > 0) return;
        file.close();
        controller.close();
      } catch (error) {
        file.close();
        throw error;
      }
    },
    cancel() {
      file.close();
    },
  });
}

/** The length is promised already: a body that ends early must fail. */
function shrunk(): Error {
  return new Error("Cannot read on: the file became shorter");
}
