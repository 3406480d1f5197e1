/**
 * The names that the language and the platform have for a component. The library
 * of TypeScript knows more, such as `fetch` or `name`, that would be accepted and
 * then not be there.
 *
 * @module
 */

/** The same as `bootstrap.ts` keeps; a test compares them. */
export const COMPONENT_NAMES: ReadonlySet<string> = new Set([
  // The language.
  ...["Object", "Function", "Array", "Number", "parseFloat", "parseInt"],
  ...["Infinity", "NaN", "undefined", "Boolean", "String", "Symbol", "Date"],
  ...["Promise", "RegExp", "Error", "AggregateError", "EvalError", "Math"],
  ...["RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError"],
  ...["JSON", "Intl", "ArrayBuffer", "Uint8Array", "Int8Array", "DataView"],
  ...["Uint16Array", "Int16Array", "Uint32Array", "Int32Array", "Map"],
  ...["Float16Array", "Float32Array", "Float64Array", "Uint8ClampedArray"],
  ...["BigUint64Array", "BigInt64Array", "BigInt", "Set", "WeakMap"],
  ...["WeakSet", "WeakRef", "FinalizationRegistry", "Proxy", "Reflect"],
  ...["Iterator", "AsyncIterator", "SuppressedError", "DisposableStack"],
  ...["AsyncDisposableStack", "Temporal", "globalThis", "escape", "unescape"],
  ...["decodeURI", "decodeURIComponent", "encodeURI", "encodeURIComponent"],
  ...["isFinite", "isNaN"],
  // Of the platform, what computes and reaches nothing.
  ...["URL", "URLSearchParams", "URLPattern", "TextEncoder", "TextDecoder"],
  ...["Headers", "Request", "Response", "FormData", "Blob", "AbortSignal"],
  ...["AbortController", "DOMException", "Event", "EventTarget", "crypto"],
  ...["Crypto", "CryptoKey", "SubtleCrypto", "atob", "btoa"],
  ...["structuredClone", "queueMicrotask", "setTimeout", "clearTimeout"],
  ...["setInterval", "clearInterval", "performance", "console"],
  ...["ReadableStream", "WritableStream", "TransformStream"],
  ...["TextDecoderStream", "TextEncoderStream", "CompressionStream"],
  ...["DecompressionStream"],
]);

/** A library without the values that a component does not have. */
export function withoutOtherNames(library: string): string {
  return library.replace(
    DECLARATION,
    (whole, name: string) => COMPONENT_NAMES.has(name) ? whole : "",
  );
}

/** One of a value, on a line or up to the brace that ends it. */
const DECLARATION =
  /^declare (?:var|function|namespace) (\w+)(?:.*;|.*\{\r?\n[^]*?^\};?)\r?$/gm;
