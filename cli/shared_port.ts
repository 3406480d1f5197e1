/**
 * Puts the management surface in front of every port that the application
 * opens, for places that offer one port only.
 *
 * @module
 */
import type { Network } from "../engine/mod.ts";

/** The path under which the management surface shares a port. */
export const SHARED_PATH = "/_";

/** Answers a request. */
export type Fetch = (request: Request) => Response | Promise<Response>;

/** A network whose listeners answer `/_/…` themselves, once they are told how. */
export class SharedPort {
  #fetch: Fetch | undefined;

  network(network: Network): Network {
    return {
      ...network,
      listen: (options, answer) =>
        network.listen(options, (request, remoteAddress) => {
          const url = this.#fetch && managementUrl(request);
          return this.#fetch && url
            ? this.#fetch(new Request(url, request))
            : answer(request, remoteAddress);
        }),
    };
  }

  /** Begins to answer; before, the application sees every request. */
  serve(fetch: Fetch): void {
    this.#fetch = fetch;
  }
}

/** What a host must not contain, lest its URL is read as another one. */
const STRANGE_HOST = /[^\x21-\x7e]|[/?#@\\]/;

/**
 * The URL as the management surface knows it; `undefined` if it is not its own.
 * Only a path that begins with `/_/` as it was sent counts: who keeps that prefix
 * from others in front need not know how else it could be written.
 */
function managementUrl({ url, headers }: Request): URL | undefined {
  // The quick look spares the application's own requests the rest.
  if (!url.includes(`${SHARED_PATH}/`)) return undefined;
  if (STRANGE_HOST.test(headers.get("host") ?? "")) return undefined;
  const start = url.indexOf("/", url.indexOf("//") + 2);
  if (!url.startsWith(`${SHARED_PATH}/`, start)) return undefined;
  const path = url.slice(start + SHARED_PATH.length);
  return URL.parse(url.slice(0, start) + path) ?? undefined;
}
