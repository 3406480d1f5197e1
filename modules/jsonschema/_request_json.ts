/**
 * Reads the JSON body of a request, and leaves it for the handler behind.
 *
 * @module
 */

/** Why a body is refused before any schema is asked. */
export class UnreadableBody extends Error {
  override readonly name = "UnreadableBody";
  readonly status: 400 | 413;

  constructor(status: 400 | 413, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * The JSON that was sent.
 *
 * @throws {UnreadableBody} if it is none, or longer than `bytesMax`.
 */
export async function readRequestJson(
  request: Request,
  bytesMax: number,
): Promise<unknown> {
  const bytes = await readCopy(request, bytesMax);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return JSON.parse(text);
  } catch {
    throw new UnreadableBody(400, "The body is not valid JSON");
  }
}

async function readCopy(
  request: Request,
  bytesMax: number,
): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > bytesMax) {
    await request.body?.cancel();
    throw tooLong(bytesMax);
  }
  const { body } = request.clone();
  if (body === null) return new Uint8Array();
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    chunks.push(value);
    if (length <= bytesMax) continue;
    // A copy ends only together with what it is a copy of.
    await Promise.all([reader.cancel(), request.body?.cancel()]);
    throw tooLong(bytesMax);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function tooLong(bytesMax: number): UnreadableBody {
  return new UnreadableBody(413, `The body is longer than ${bytesMax} bytes`);
}
