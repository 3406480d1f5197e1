/**
 * Stands in for Slack: holds requests to what Slack publishes of incoming
 * webhooks (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks),
 * and answers as it does, in plain text.
 *
 * @module
 */

/** The secret part of the URL. */
export const TOKEN = "T00/B00/never-in-a-message";

/** The most characters of a text. */
const TEXT_CHARACTERS_MAX = 40_000;

/** The fields that the type may send, all of them texts. */
const FIELDS: ReadonlySet<string> = new Set(["text", "channel", "username"]);

/** A stub, and what it has taken. */
export class SlackStub {
  readonly posted: Record<string, unknown>[] = [];
  /** Every request, also those that are refused. */
  asked = 0;
  /** Answers in place of what the protocol says, as long as there are any. */
  readonly answers: (() => Response | Promise<Response>)[] = [];

  async handle(request: Request): Promise<Response> {
    this.asked++;
    const answer = this.answers.shift();
    if (answer !== undefined) return await answer();
    const fault = await this.#fault(request);
    return fault ?? new Response("ok");
  }

  async #fault(request: Request): Promise<Response | undefined> {
    const { pathname } = new URL(request.url);
    if (request.method !== "POST") return refusal(405, "method_not_allowed");
    if (pathname !== `/services/${TOKEN}`) return refusal(404, "no_service");
    const type = request.headers.get("content-type") ?? "";
    if (!type.startsWith("application/json")) {
      return refusal(400, "invalid_payload");
    }
    const message = parsed(await request.text());
    if (message === undefined) return refusal(400, "invalid_payload");
    const isKnown = Object.entries(message)
      .every(([name, value]) => FIELDS.has(name) && typeof value === "string");
    if (!isKnown) return refusal(400, "invalid_payload");
    const { text = "" } = message;
    if (text === "") return refusal(400, "no_text");
    if (String(text).length > TEXT_CHARACTERS_MAX) {
      return refusal(400, "msg_too_long");
    }
    if (message.channel === "#gone") return refusal(404, "channel_not_found");
    if (message.channel === "#old") return refusal(410, "channel_is_archived");
    this.posted.push(message);
    return undefined;
  }
}

/** Slack's refusals are a word of plain text. */
export function refusal(
  status: number,
  word: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(word, { status, headers });
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text);
    const isMap = value !== null && typeof value === "object" &&
      !Array.isArray(value);
    return isMap ? value : undefined;
  } catch {
    // What is no JSON is refused like what is no object.
    return undefined;
  }
}
