/**
 * Keeps account of event streams, which would otherwise hold up a shutdown for
 * as long as somebody listens. Ending one is no loss: listeners come back.
 *
 * @module
 */

/** The event streams of a server that have not ended. */
export class EventStreams {
  readonly #open = new Set<() => void>();
  #isClosing = false;

  /** The response itself, or for an event stream one that `endAll` can end. */
  track(response: Response): Response {
    const type = response.headers.get("content-type");
    if (type === null || !type.startsWith("text/event-stream")) return response;
    if (response.body === null) return response;
    return new Response(this.#endable(response.body), response);
  }

  /** Ends all of them in order, and those that begin from now on. */
  endAll(): void {
    this.#isClosing = true;
    for (const end of [...this.#open]) end();
  }

  /** Lets streams begin again. */
  reopen(): void {
    this.#isClosing = false;
  }

  #endable(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    const reader = body.getReader();
    const open = this.#open;
    let end = () => {};
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        end = () => {
          open.delete(end);
          controller.close();
          // The source learns that nobody listens; how it takes it is its affair.
          reader.cancel().catch(() => {});
        };
        open.add(end);
      },
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!open.has(end)) return;
          if (done) end();
          else controller.enqueue(value);
        } catch (error) {
          open.delete(end);
          controller.error(error);
        }
      },
      cancel(reason) {
        open.delete(end);
        return reader.cancel(reason);
      },
    });
    if (this.#isClosing) end();
    return stream;
  }
}
