/**
 * What the types of CEL are called where people read them.
 *
 * @module
 */

const WORDS: Readonly<Record<string, string>> = {
  dyn: "any",
  string: "text",
  double: "number",
  int: "number",
  uint: "number",
  bool: "bool",
  list: "list",
  map: "map",
  bytes: "bytes",
  null_type: "null",
  type: "type",
  optional: "optional",
  "google.protobuf.Timestamp": "time",
  "google.protobuf.Duration": "duration",
};

/** `list<dyn>` is a list; a map of which the fields are known is a map. */
export function typeWord(type: string): string {
  const base = type.replace(/<.*$/, "");
  return base.startsWith("$") ? "map" : WORDS[base] ?? base;
}
