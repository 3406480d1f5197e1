/**
 * The header by which one service tells the next to which trace a request
 * belongs: https://www.w3.org/TR/trace-context/. The same text is kept with work
 * that outlives its process.
 *
 * @module
 */

/** A place in a trace. */
export interface TracePlace {
  /** 32 digits, in small hex. */
  readonly traceId: string;
  /** 16 digits, in small hex. */
  readonly spanId: string;
  /** Whether whoever began the trace wants it recorded. */
  readonly isSampled: boolean;
}

/** The span of something that may outlive this process. */
export interface LastingSpan {
  /** The span itself, for what belongs to it. */
  readonly traceparent: string;
  /** The id of the span to which it belongs. */
  readonly parent?: string;
}

const SHAPE =
  /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Reads the header; `undefined` if it is absent or means nothing. */
export function readTraceparent(
  text: string | null | undefined,
): TracePlace | undefined {
  const [, version, traceId = "", spanId = "", flags = "", more] =
    SHAPE.exec(text?.trim() ?? "") ?? [];
  if (version === undefined || version === "ff") return undefined;
  // Only a version that is not known yet may have more parts.
  if (version === "00" && more !== undefined) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, isSampled: (parseInt(flags, 16) & 1) === 1 };
}

/** Writes the header. */
export function writeTraceparent(
  { traceId, spanId, isSampled }: TracePlace,
): string {
  return `00-${traceId}-${spanId}-${isSampled ? "01" : "00"}`;
}
