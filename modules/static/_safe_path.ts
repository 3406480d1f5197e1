/**
 * Turns the path of a request into the name of a file below a folder, and
 * refuses every way of writing a path that leads out of it. Pure.
 *
 * @module
 */

/** A relative name with slashes (empty for the folder itself), or why not. */
export type SafePath =
  | { readonly kind: "path"; readonly name: string }
  /** The path cannot be read at all. */
  | { readonly kind: "malformed" }
  /** The path is written so as to lead out of the folder. */
  | { readonly kind: "forbidden" };

/** What is still encoded after decoding once, in the hope of decoding twice. */
const ENCODED_AGAIN = /%(?:25)*(?:2e|2f|5c|00)/i;

// deno-lint-ignore no-control-regex -- these are what a file name must not have
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Reads what follows the prefix in a request's path. */
export function safePath(encoded: string): SafePath {
  const decoded = decode(encoded);
  if (decoded === undefined || CONTROL.test(decoded)) {
    return { kind: "malformed" };
  }
  // A backslash separates folders on some systems.
  if (decoded.includes("\\") || ENCODED_AGAIN.test(decoded)) {
    return { kind: "forbidden" };
  }
  const words = decoded.split("/").filter((word) =>
    word !== "" && word !== "."
  );
  // A colon names drives and streams on some systems.
  if (words.some((word) => word === ".." || /^[A-Za-z]:/.test(word))) {
    return { kind: "forbidden" };
  }
  return { kind: "path", name: words.join("/") };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone percent sign, or bytes that are no UTF-8.
    return undefined;
  }
}

/** Whether a name holds a hidden file or folder; `.well-known` is public. */
export function isHidden(name: string): boolean {
  return name.split("/").some((word) =>
    word.startsWith(".") && word !== ".well-known"
  );
}
