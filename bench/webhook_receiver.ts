/**
 * A receiver of webhooks in a thread of its own: counts different webhooks, and
 * says when it has as many as it was told to expect.
 *
 * @module
 */
/// <reference lib="deno.worker" />

/** What to expect, and how long each answer takes. */
export interface Expectation {
  readonly count: number;
  readonly answerMs: number;
}

let expected = { count: 0, answerMs: 0 };
const seen = new Set<string>();

self.onmessage = ({ data }: MessageEvent<Expectation>) => {
  expected = data;
  seen.clear();
};

const server = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: () => {} },
  async (request) => {
    await request.body?.cancel();
    const { answerMs, count } = expected;
    if (answerMs > 0) {
      await new Promise((resolve) => setTimeout(resolve, answerMs));
    }
    seen.add(request.headers.get("webhook-id") ?? "");
    if (seen.size === count) self.postMessage({ done: true });
    return new Response(null, { status: 204 });
  },
);
self.postMessage({ port: server.addr.port });
