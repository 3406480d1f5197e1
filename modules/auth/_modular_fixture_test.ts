/**
 * What the tests of `auth.modular` share: an application, and a client that sends it
 * requests.
 *
 * @module
 */
import { HttpContext, HttpHandler } from "@engine/services/http_handler.ts";
import { HttpMiddleware } from "@engine/services/http_middleware.ts";
import type { SimulatedEffects } from "@engine/simulation/effects.ts";
import type { Store } from "@engine/store/store.ts";
import { startApplication } from "@engine/testing.ts";
import auth from "./modular.ts";

/** Signs the tokens of every test. */
export const SECRET = "a secret of this test, 32 bytes and more";

/** Who registers, unless a test says otherwise. */
export const ADA = {
  email: "ada@example.org",
  name: "Ada",
  password: "correct horse",
};

/** What goes along with a request. */
export interface Sent {
  readonly cookie?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly url?: string;
}

/** What a test has of its own: a store that outlives the application, a world. */
export interface Surroundings {
  readonly store?: Store;
  readonly effects?: SimulatedEffects;
}

/** An application with one `auth.modular`, where anybody may register. */
export async function start(
  config: Record<string, unknown> = {},
  surroundings: Surroundings = {},
) {
  const app = await startApplication({
    document: {
      modules: [{
        name: "auth",
        type: "auth.modular",
        config: {
          jwt: { secret: SECRET },
          allowRegistration: true,
          ...config,
        },
      }],
    },
    definitions: [auth],
    strict: true,
    ...surroundings,
  });

  async function send(method: string, path: string, sent: Sent = {}) {
    const response = await app.service(HttpHandler).handle(
      contextOf(method, path, sent),
    );
    const text = await response.text();
    const setCookie = response.headers.get("set-cookie") ?? "";
    return {
      status: response.status,
      headers: response.headers,
      setCookie,
      cookie: setCookie.split(";")[0] ?? "",
      body: text === "" ? {} : JSON.parse(text),
    };
  }

  async function pass(method: string, sent: Sent = {}) {
    const context = contextOf(method, "/orders", sent);
    const response = await app.service(HttpMiddleware).process(
      context,
      () => Promise.resolve(new Response("in")),
    );
    return { status: response.status, claims: context.claims };
  }

  return {
    ...app,
    send,
    pass,
    register: (sent: Sent = {}) =>
      send("POST", "/auth/register", { body: ADA, ...sent }),
    login: (sent: Sent = {}) =>
      send("POST", "/auth/login", { body: ADA, ...sent }),
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

function contextOf(method: string, path: string, sent: Sent): HttpContext {
  const { cookie, headers = {}, body, url = "http://shop.example.com" } = sent;
  return new HttpContext(
    new Request(`${url}${path}`, {
      method,
      headers: {
        ...headers,
        ...(cookie === undefined ? {} : { cookie }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
    "192.0.2.1",
  );
}
