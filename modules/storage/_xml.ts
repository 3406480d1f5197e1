/**
 * Reads the few kinds of XML that S3 answers with, and writes the one that it
 * takes. Not for XML at large: no attributes, no namespaces, no nesting of equals.
 *
 * @module
 */

/** What is between the first pair of tags with a name, with its entities resolved. */
export function textIn(xml: string, name: string): string | undefined {
  const [inner] = partsIn(xml, name, 1);
  return inner === undefined ? undefined : withoutEntities(inner);
}

/** What is between each pair of tags with a name, as it is written. */
export function partsIn(
  xml: string,
  name: string,
  limit = Number.POSITIVE_INFINITY,
): string[] {
  const parts: string[] = [];
  const close = `</${name}>`;
  for (let at = 0; parts.length < limit;) {
    const tag = openTag(xml, name, at);
    if (tag === undefined) break;
    const end = tag.isEmpty ? tag.end : xml.indexOf(close, tag.end);
    if (end < 0) break;
    parts.push(xml.slice(tag.end, end));
    at = tag.isEmpty ? end : end + close.length;
  }
  return parts;
}

function openTag(xml: string, name: string, from: number) {
  for (let at = from;; at++) {
    at = xml.indexOf(`<${name}`, at);
    if (at < 0) return undefined;
    const after = xml[at + name.length + 1] ?? "";
    if (!/[\s/>]/.test(after)) continue;
    const end = xml.indexOf(">", at);
    if (end < 0) return undefined;
    return { end: end + 1, isEmpty: xml[end - 1] === "/" };
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  amp: "&",
  quot: '"',
  apos: "'",
};

function withoutEntities(text: string): string {
  return text.replace(/&(#x?)?([0-9a-z]+);/gi, (whole, kind, name) => {
    if (kind === undefined) return ENTITIES[name] ?? whole;
    const code = Number.parseInt(name, kind === "#" ? 10 : 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** The list of parts of which an object is put together, in order. */
export function completionXml(etags: readonly string[]): string {
  const parts = etags.map((etag, index) =>
    `<Part><PartNumber>${index + 1}</PartNumber><ETag>${
      withEntities(etag)
    }</ETag></Part>`
  );
  return `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`;
}

function withEntities(text: string): string {
  return text.replace(/[<>&"]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
