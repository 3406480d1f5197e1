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
          const url = this.#fetch && managementUrl(request.url);
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

/** The URL as the management surface knows it; `undefined` if it is not its own. */
function managementUrl(text: string): URL | undefined {
  // The quick look spares the application's own requests a parse.
  if (!text.includes(`${SHARED_PATH}/`)) return undefined;
  const url = new URL(text);
  if (!url.pathname.startsWith(`${SHARED_PATH}/`)) return undefined;
  url.pathname = url.pathname.slice(SHARED_PATH.length);
  return url;
}
