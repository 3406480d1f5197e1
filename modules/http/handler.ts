/**
 * Stands behind a route until something real does, and hands what is sent to it
 * to the topics that the document names.
 *
 * @module
 */
import { z } from "zod";
import { defineModule, type JsonObject } from "@engine/define.ts";
import { HttpHandler } from "@engine/services/http_handler.ts";
import { MessageSource } from "@engine/services/message_source.ts";
import { type Body, readBody } from "../_http_body.ts";

type JsonValue = Exclude<JsonObject[string], undefined>;
type Forward = Parameters<MessageSource["onProcessed"]>[0];

const WRITES: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH", "DELETE"]);

export default defineModule({
  type: "http.handler",
  summary:
    "Answers every request with the same JSON and forwards what is sent to it",
  stability: "stable",
  config: z.strictObject({
    contentType: z.string()
      .regex(/^[\x21-\x7e][\x20-\x7e]*$/, "Expected a media type")
      .default("application/json")
      .describe(
        "The Content-Type of the answer; its body is JSON whatever this says",
      ),
  }),
  inert: {
    method: "routes say which methods a handler answers",
    path: "routes say which paths a handler answers",
    status: "the answer always has the status 200",
  },
  provides: [HttpHandler, MessageSource],
  examples: [{
    title: "A route that answers",
    modules: [
      { name: "server", type: "http.server", config: { address: ":0" } },
      { name: "router", type: "http.router" },
      { name: "hello", type: "http.handler" },
    ],
    workflows: {
      http: { routes: [{ method: "GET", path: "/hello", handler: "hello" }] },
    },
    exchanges: [{
      request: { method: "GET", path: "/hello" },
      response: {
        status: 200,
        headers: { "Content-Type": "application/json" },
        body: {
          handler: "hello",
          message: "Default handler response",
          status: "success",
        },
      },
    }],
  }],
  create({ contentType }, host) {
    const forwards = new Set<Forward>();
    const headers = { "content-type": contentType };
    const text = jsonText({
      handler: host.name,
      message: "Default handler response",
      status: "success",
    });
    const answer = () => new Response(text, { headers });

    async function forwardAndAnswer(request: Request): Promise<Response> {
      const payload = payloadOf(await readBody(request));
      // The answer waits: what was not accepted must not be acknowledged.
      for (const forward of forwards) await forward(payload);
      return answer();
    }

    return {
      handle({ method, request }) {
        return forwards.size > 0 && WRITES.has(method)
          ? forwardAndAnswer(request)
          : answer();
      },
      onProcessed(forward) {
        // Wrapped, so that one function that is added twice counts twice.
        const entry: Forward = (payload) => forward(payload);
        forwards.add(entry);
        return () => void forwards.delete(entry);
      },
    };
  },
});

/** A body has come over the wire as JSON or text, so that it is a JSON value. */
function payloadOf(body: Body): JsonValue {
  return body.kind === "none" ? null : body.value as JsonValue;
}

/** JSON as the original writes it: harmless inside of HTML, with a line end. */
function jsonText(value: JsonValue): string {
  const text = JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) =>
      `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `${text}\n`;
}
