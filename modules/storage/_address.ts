/**
 * Where a bucket and its objects are: the URLs of S3, in both styles.
 *
 * @module
 */
import { TerminalError } from "@engine/errors.ts";

/** What S3 takes as a key, in bytes of UTF-8. */
export const KEY_BYTES_MAX = 1_024;

/** Which bucket of which service. */
export interface BucketPlace {
  readonly bucket: string;
  readonly region: string;
  /** @default Amazon's of the region */
  readonly endpoint?: string | undefined;
  /**
   * The bucket stands in the path rather than in the host name.
   * @default with an endpoint, or with a name that no certificate covers
   */
  readonly forcePathStyle?: boolean | undefined;
}

/** Makes the URL of an object, or of the bucket itself. */
export type UrlOf = (
  key?: string,
  query?: Readonly<Record<string, string>>,
) => URL;

/** See the module comment. */
export function urlsOf(
  { bucket, region, endpoint, forcePathStyle }: BucketPlace,
): UrlOf {
  const service = new URL(endpoint ?? `https://s3.${region}.amazonaws.com`);
  const isInPath = forcePathStyle ??
    (endpoint !== undefined || bucket.includes("."));
  const folder = service.pathname.replace(/\/$/, "");
  if (!isInPath) service.hostname = `${bucket}.${service.hostname}`;
  const root = isInPath ? `${folder}/${encoded(bucket)}` : folder;
  return (key, query = {}) => {
    const url = new URL(service);
    url.pathname = key === undefined
      ? root === "" ? "/" : root
      : `${root}/${encodedKey(key)}`;
    // By hand, since a plus means a plus to some servers, and not a space.
    url.search = Object.entries(query)
      .map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join("&");
    return url;
  };
}

/** @throws {TerminalError} if no URL can hold the key. */
function encodedKey(key: string): string {
  const fault = keyFault(key);
  if (fault === undefined) return key.split("/").map(encoded).join("/");
  throw new TerminalError(
    `Cannot use the key ${JSON.stringify(key)}: ${fault}`,
  );
}

function keyFault(key: string): string | undefined {
  if (key === "") return "it is empty";
  if (!key.isWellFormed()) return "it is no well-formed text";
  const bytes = new TextEncoder().encode(key).length;
  if (bytes > KEY_BYTES_MAX) {
    return `it has ${bytes} bytes, and ${KEY_BYTES_MAX} are the limit`;
  }
  // Whoever handles a URL on its way may resolve these, and reach another key.
  return key.split("/").some((part) => part === "." || part === "..")
    ? "it has a segment of dots"
    : undefined;
}

/** As the signature has it (RFC 3986). */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
