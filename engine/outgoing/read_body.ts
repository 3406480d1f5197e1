/**
 * Reads the body of an answer, or of a request, up to a limit.
 *
 * @module
 */

type WithBody = Pick<Response, "body" | "headers">;

/** The whole body, or nothing if it is longer than `bytesMax`; then it is ended. */
export async function readBody(
  source: WithBody,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (Number(source.headers.get("content-length") ?? 0) > bytesMax) {
    await source.body?.cancel();
    return undefined;
  }
  const start = await readStart(source, bytesMax + 1);
  return start.length > bytesMax ? undefined : start;
}

/** The first bytes of a body, at most `bytesMax`; the rest is not waited for. */
export async function readStart(
  { body }: WithBody,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    const kept = chunk.subarray(0, bytesMax - length);
    length += kept.length;
    chunks.push(kept);
    // Leaving the loop cancels the stream.
    if (length === bytesMax) break;
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
