/**
 * Spans in the words of OpenTelemetry, and those as the bytes of OTLP: the SDK's
 * encoding. Its exporter is not used: it has timers, chance and sockets of its
 * own, and says nothing of spans that a collector rejects.
 *
 * @module
 */
import type { SpanKind as Kind } from "@opentelemetry/api";
import type { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import type { FinishedSpan, SpanKind } from "@engine/tracing.ts";

type ReadableSpan = Parameters<
  typeof ProtobufTraceSerializer.serializeRequest
>[0][number];
type Resource = ReadableSpan["resource"];

/** What a collector answers. */
export interface OtlpAnswer {
  /** How many spans it did not take; it must not be asked again. */
  readonly rejected: number;
  /** What it has to say about that. */
  readonly message: string;
}

/** Turns spans into requests, and answers into what they mean. */
export interface OtlpEncoding {
  request(spans: readonly FinishedSpan[]): Uint8Array<ArrayBuffer>;
  /** @throws {Error} if it is no answer of a collector. */
  answer(body: Uint8Array): OtlpAnswer;
}

/** The names of these numbers in the protocol are an enum of the library's. */
const KINDS: Readonly<Record<SpanKind, Kind>> = {
  internal: 0,
  server: 1,
  client: 2,
  consumer: 4,
};

const STATUS_UNSET = 0;
const STATUS_ERROR = 2;
const SAMPLED = 1;

const SCOPE = { name: "workflow.engine" };

/** Loads the encoding. @param about What the spans are told of: the service. */
export async function loadEncoding(
  about: Readonly<Record<string, string>>,
): Promise<OtlpEncoding> {
  const [{ ProtobufTraceSerializer }, { resourceFromAttributes }] =
    await Promise.all([
      import("@opentelemetry/otlp-transformer"),
      import("@opentelemetry/resources"),
    ]);
  const resource = resourceFromAttributes(about);
  return {
    request(spans) {
      const readable = spans.map((span) => readableSpan(span, resource));
      const bytes = ProtobufTraceSerializer.serializeRequest(readable);
      return new Uint8Array(bytes ?? []);
    },
    answer(body) {
      if (body.length === 0) return { rejected: 0, message: "" };
      const { partialSuccess } = ProtobufTraceSerializer.deserializeResponse(
        body,
      );
      return {
        rejected: Number(partialSuccess?.rejectedSpans ?? 0),
        message: partialSuccess?.errorMessage ?? "",
      };
    },
  };
}

function readableSpan(span: FinishedSpan, resource: Resource): ReadableSpan {
  const { traceId, spanId, parentId, name, kind, error } = span;
  const place = (id: string) => ({ traceId, spanId: id, traceFlags: SAMPLED });
  return {
    name,
    kind: KINDS[kind],
    spanContext: () => place(spanId),
    ...(parentId === undefined ? {} : { parentSpanContext: place(parentId) }),
    startTime: secondsAndNanos(span.startMs),
    endTime: secondsAndNanos(span.endMs),
    duration: secondsAndNanos(span.endMs - span.startMs),
    status: error === undefined
      ? { code: STATUS_UNSET }
      : { code: STATUS_ERROR, message: error },
    attributes: span.attributes,
    links: [],
    events: [],
    ended: true,
    resource,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function secondsAndNanos(ms: number): [number, number] {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.floor((ms - seconds * 1_000) * 1e6)];
}
