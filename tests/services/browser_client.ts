/**
 * What a browser does with cookies, redirects and forms, without pages.
 *
 * @module
 */

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  /** The whole header, for tests that look at it. */
  readonly header: string;
}

/** The most redirects that are followed. */
const REDIRECTS_MAX = 20;

/** See the module comment. Cookies are those of one host, whatever the port. */
export class BrowserClient {
  readonly #cookies = new Map<string, Cookie>();

  /** A cookie as it is kept. */
  cookie(name: string): Cookie | undefined {
    return [...this.#cookies.values()].find((one) => one.name === name);
  }

  /** Puts a cookie into the jar, as somebody would who has got hold of one. */
  plant(name: string, value: string): void {
    this.#cookies.set(`${name} /`, { name, value, path: "/", header: "" });
  }

  /** One request, whose redirect is not followed. */
  async send(url: string, init: RequestInit = {}): Promise<Response> {
    const { pathname } = new URL(url);
    const sent = [...this.#cookies.values()]
      .filter(({ path }) => pathname.startsWith(path))
      .map(({ name, value }) => `${name}=${value}`).join("; ");
    const headers = new Headers(init.headers);
    if (sent !== "") headers.set("cookie", sent);
    const response = await fetch(url, { ...init, headers, redirect: "manual" });
    for (const header of response.headers.getSetCookie()) this.#keep(header);
    return response;
  }

  /** Follows redirects until an answer is none, or leads to where `stop` says. */
  async follow(
    url: string,
    { stop, ...init }: RequestInit & { readonly stop?: string } = {},
  ): Promise<{ readonly url: string; readonly response: Response }> {
    let response = await this.send(url, init);
    let at = url;
    for (let count = 0; count < REDIRECTS_MAX; count++) {
      const location = response.headers.get("location");
      if (location === null) return { url: at, response };
      at = new URL(location, at).href;
      await response.body?.cancel();
      if (stop !== undefined && at.startsWith(stop)) {
        return { url: at, response };
      }
      response = await this.send(at);
    }
    throw new Error(`Cannot follow ${url}: it redirects too often`);
  }

  #keep(header: string): void {
    const [pair = "", ...attributes] = header.split(";");
    const name = pair.slice(0, pair.indexOf("=")).trim();
    const value = pair.slice(pair.indexOf("=") + 1).trim();
    const of = (wanted: string) =>
      attributes.map((text) => text.trim().split("=", 2))
        .find(([key]) => key?.toLowerCase() === wanted)?.[1];
    const path = of("path") ?? "/";
    const key = `${name} ${path}`;
    const expires = of("expires");
    const isGone = of("max-age") === "0" || value === "" ||
      (expires !== undefined && new Date(expires).getTime() < Date.now());
    if (isGone) this.#cookies.delete(key);
    else this.#cookies.set(key, { name, value, path, header });
  }
}
