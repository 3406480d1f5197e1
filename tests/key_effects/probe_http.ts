/**
 * Asks every route what anybody may ask.
 *
 * @module
 */
import { SignJWT } from "jose";
import type { Exchange } from "../../engine/define.ts";
import { messageOf } from "../../engine/errors.ts";
import { HttpContext } from "../../engine/services/http_handler.ts";
import { HttpRouter } from "../../engine/services/http_router.ts";
import { HttpServer } from "../../engine/services/http_server.ts";
import type { Watched } from "./observe.ts";
import type { DocumentData } from "./places.ts";
import { PAYLOAD } from "./sample.ts";
import type { Scene } from "./scene.ts";

type Answerer = (request: Request) => Promise<Response>;

/** Makes the requests and runs of a scene. */
export async function askScene(
  watched: Watched,
  { requests = [], runs = [] }: Scene,
): Promise<void> {
  const { app, world, sightings } = watched;
  const [first] = answerers(watched);
  for (const request of requests) {
    // A whole URL is for who listens on its port.
    const answerer = request.path.startsWith("http")
      ? world.network.fetch
      : first;
    if (answerer !== undefined) await ask(watched, answerer, request);
  }
  for (const { pipeline, input = {} } of runs) {
    const begun = await world.settled(app.dispatch(pipeline, "start", input));
    await world.pass(1_000);
    const id = begun instanceof Error ? "" : String(begun.run);
    const run = await app.application.runs.get(id);
    const last = run?.entries.at(-1);
    // What an entry was given is what the document says, used or not.
    sightings.saw(`run of ${pipeline}`, {
      refused: begun instanceof Error ? begun.message : "no",
      status: run?.summary.status,
      error: run?.summary.error,
      output: last !== undefined && "output" in last ? last.output : "none",
    });
  }
}

/** Asks each route of each server, or of each router without one. */
export async function askEverything(watched: Watched): Promise<void> {
  const token = await tokenOf(watched);
  const requests = routesOf(watched).flatMap(({ method, path }) =>
    usualRequests(method, path, token)
  );
  for (const answerer of answerers(watched)) {
    for (const request of requests) await ask(watched, answerer, request);
  }
  const [first] = routesOf(watched);
  for (const answerer of answerers(watched).slice(0, 1)) {
    if (first !== undefined) await askOften(watched, answerer, first);
  }
}

interface Asked {
  readonly method: string;
  readonly path: string;
}

/** How many routes are asked. */
const ROUTES_MAX = 8;

function routesOf({ app }: Watched): readonly Asked[] {
  const routes = app.application.all(HttpRouter)
    .flatMap(({ service }) => service.routes())
    .map(({ method, pattern }) => ({
      method,
      path: pattern.replace("{$}", "").replace(/\{[^}]*\}|:\w+/g, "1"),
    }));
  const extra = [{ method: "GET", path: "/nothing/here" }];
  return [...routes.slice(0, ROUTES_MAX), ...extra];
}

function usualRequests(
  method: string,
  path: string,
  token: string,
): readonly Exchange["request"][] {
  const body = method === "GET" || method === "DELETE" ? {} : { body: PAYLOAD };
  const origin = "http://elsewhere.example";
  const withHeaders = (headers: Readonly<Record<string, string>>) => ({
    ...{ method, path, headers },
    ...body,
  });
  return [
    { method, path, ...body },
    withHeaders({ authorization: "Bearer wrong", origin }),
    withHeaders({
      "authorization": `Bearer ${token}`,
      "x-forwarded-for": "203.0.113.7",
      "x-tenant-id": "t1",
    }),
    {
      ...{ method: "OPTIONS", path },
      headers: { origin, "access-control-request-method": method },
    },
  ];
}

const LARGE = JSON.stringify({ text: "x".repeat(2_000_000) });
const OFTEN = 70;

/** What only one route of a server need be asked. */
async function askOften(
  watched: Watched,
  answerer: Answerer,
  { method, path }: Asked,
): Promise<void> {
  await ask(watched, answerer, { method: "POST", path, body: LARGE });
  const long = `${path}?q=${"x".repeat(9_000)}`;
  await ask(watched, answerer, { method, path: long });
  await Promise.all(
    Array.from(
      { length: OFTEN },
      () => ask(watched, answerer, { method, path }),
    ),
  );
}

async function ask(
  { world, sightings }: Watched,
  answerer: Answerer,
  { method, path, headers, body }: Exchange["request"],
): Promise<void> {
  const sent = typeof body === "string" ? body : JSON.stringify(body);
  const request = new Request(new URL(path, "http://localhost"), {
    method,
    headers: {
      ...body === undefined ? {} : { "content-type": "application/json" },
      ...headers,
    },
    ...body === undefined ? {} : { body: sent },
  });
  const short = path.slice(0, 60);
  const place = `${method} ${short} ${
    Object.keys(headers ?? {})
  } ${sent?.length}`;
  const answer = await world.settled(whole(answerer(request)));
  sightings.saw(place, answer instanceof Error ? messageOf(answer) : answer);
}

async function whole(answer: Promise<Response>): Promise<unknown> {
  const { status, headers, body } = await answer;
  const text = await new Response(body).text();
  return { status, headers: [...headers], text };
}

function answerers({ app }: Watched): readonly Answerer[] {
  const servers = app.application.all(HttpServer);
  if (servers.length > 0) {
    return servers.map(({ service }) => (request) =>
      service.handle(request, "127.0.0.1")
    );
  }
  return app.application.all(HttpRouter).map(({ service }) => async (request) =>
    await service.handle(new HttpContext(request, "127.0.0.1"))
  );
}

/** A token that is good where the document holds the key. */
async function tokenOf({ original, world }: Watched): Promise<string> {
  const key = secretIn(original) ?? "a key that no document has, at all";
  const seconds = Math.floor(world.clock.now() / 1_000);
  return await new SignJWT({
    role: "admin",
    name: "Ada",
    email: "ada@x.example",
  })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject("1")
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + 3_600)
    .sign(new TextEncoder().encode(key.padEnd(32, "x")));
}

function secretIn(value: DocumentData): string | undefined {
  return /"secret(?:Key)?":"([^"]+)"/.exec(JSON.stringify(value))?.[1];
}
