/**
 * Reads the body of an answer, or of a request, up to a limit.
 *
 * @module
 */

/** The whole body, or nothing if it is longer than `bytesMax`; then it is ended. */
export async function readBody(
  { body, headers }: Pick<Response, "body" | "headers">,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (body === null) return new Uint8Array();
  if (Number(headers.get("content-length") ?? 0) > bytesMax) {
    await body.cancel();
    return undefined;
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    // Leaving the loop cancels the stream.
    if (length > bytesMax) return undefined;
    chunks.push(chunk);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
