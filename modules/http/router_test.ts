import assert from "node:assert/strict";
import fc from "fast-check";
import { RefusedError } from "@engine/errors.ts";
import { Logger } from "@engine/log.ts";
import { HttpContext } from "@engine/services/http_handler.ts";
import type { HttpMiddleware } from "@engine/services/http_middleware.ts";
import type { Route } from "@engine/services/http_router.ts";
import { simulatedEffects } from "@engine/simulation/effects.ts";
import { Tracing } from "@engine/tracing.ts";
import { Router } from "./_router.ts";

interface LogLine {
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

function router() {
  const logs: LogLine[] = [];
  const router = new Router({
    log: new Logger((_level, message, fields) =>
      logs.push({ message, fields })
    ),
    tracing: new Tracing(simulatedEffects()),
  });
  async function ask(text: string, init: RequestInit = {}) {
    const [method = "", path = ""] = text.split(" ");
    const request = new Request(`http://x${path}`, { method, ...init });
    return await router.handle(new HttpContext(request));
  }
  /** The path as it came, which `new Request` would clean. */
  async function askRaw(method: string, path: string) {
    const context = new HttpContext(new Request("http://x/", { method }));
    Object.defineProperty(context, "path", { value: path });
    Object.defineProperty(context, "request", {
      value: { url: `http://x${path}?q=1`, headers: new Headers() },
    });
    return await router.handle(context);
  }
  return { router, logs, ask, askRaw };
}

function route(
  text: string,
  more: Partial<Route> & { readonly answer?: (c: HttpContext) => Response } =
    {},
): Route {
  const [method = "", pattern = ""] = text.split(" ");
  const { answer, ...rest } = more;
  const handle = answer ??
    ((context: HttpContext) =>
      Response.json({ route: context.route, params: context.params }));
  return { method, pattern, handler: { handle }, middlewares: [], ...rest };
}

function tag(name: string, trail: string[]): HttpMiddleware {
  return {
    async process(_context, next) {
      trail.push(`${name} before`);
      const response = await next();
      trail.push(`${name} after`);
      response.headers.set(`x-${name}`, "seen");
      return response;
    },
  };
}

Deno.test("http.router sets the route and its parameters", async () => {
  const { router: table, ask } = router();
  table.mount([route("GET /orders/:id")]);
  assert.deepEqual(await (await ask("GET /orders/a%2Fb")).json(), {
    route: "/orders/{id}",
    params: { id: "a/b" },
  });
  assert.equal((await ask("HEAD /orders/1")).status, 200);
});

Deno.test("http.router answers 404 and 405 with short texts", async () => {
  const { router: table, ask } = router();
  table.mount([route("GET /a"), route("PUT /a")]);
  const missing = await ask("GET /b");
  assert.equal(missing.status, 404);
  assert.equal(await missing.text(), "404 page not found\n");
  assert.equal(missing.headers.get("x-content-type-options"), "nosniff");
  assert.equal(
    missing.headers.get("content-type"),
    "text/plain; charset=utf-8",
  );
  const refused = await ask("DELETE /a");
  assert.equal(refused.status, 405);
  assert.equal(refused.headers.get("allow"), "GET, HEAD, PUT");
  assert.equal(await refused.text(), "Method Not Allowed\n");
  assert.equal((await ask("OPTIONS /a")).status, 405);
});

Deno.test("http.router redirects to the clean path of the same site", async () => {
  const { askRaw } = router();
  const cases = [
    ["GET", "//evil.example", 301, "/evil.example?q=1"],
    ["HEAD", "/a//b", 301, "/a/b?q=1"],
    ["POST", "/a/../b", 308, "/b?q=1"],
    ["GET", "/a/%2e%2e/b/", 301, "/b/?q=1"],
  ] as const;
  for (const [method, path, status, location] of cases) {
    const response = await askRaw(method, path);
    assert.equal(response.status, status, path);
    assert.equal(response.headers.get("location"), location, path);
  }
});

Deno.test("http.router adds the slash that leads to a folder", async () => {
  const { router: table, ask } = router();
  table.mount([route("GET /tree/"), route("POST /tree/")]);
  const response = await ask("GET /tree?a=b");
  assert.equal(response.status, 301);
  assert.equal(response.headers.get("location"), "/tree/?a=b");
  assert.equal((await ask("POST /tree")).status, 308);
});

Deno.test("http.router refuses a badly encoded path", async () => {
  const { router: table, askRaw } = router();
  table.mount([route("GET /{x}")]);
  for (const path of ["/%", "/%zz", "/%ff", "/a/%c3%28"]) {
    const response = await askRaw("GET", path);
    assert.equal(response.status, 400, path);
    assert.match(
      response.headers.get("content-type") ?? "",
      /^application\/problem\+json/,
    );
  }
});

Deno.test("mount() refuses clashes by name and then adds nothing", async () => {
  const { router: table, ask } = router();
  table.mount([route("GET /a/{x}")]);
  const cases = [
    [
      ["GET /new", "GET /a/{y}"],
      'Cannot mount "GET /a/{y}": it answers the same requests as "GET /a/{x}"',
    ],
    [
      ["GET /new", "GET /{y}/b"],
      'Cannot mount "GET /{y}/b": it conflicts with "GET /a/{x}": both answer "/a/b" and neither is more specific',
    ],
    [
      ["GET /new", "GET /new"],
      'Cannot mount "GET /new": it answers the same requests as "GET /new"',
    ],
    [
      ["GET /new", "GET /spa{path...}"],
      'Cannot use the route pattern "/spa{path...}": a parameter fills a whole segment, unlike "spa{path...}"',
    ],
    [
      ["GET /new", "get /other"],
      'Cannot mount "get /other": "get" is no HTTP method in capitals',
    ],
  ] as const;
  for (const [texts, message] of cases) {
    assert.throws(() => table.mount(texts.map((text) => route(text))), {
      name: "RangeError",
      message,
    });
    assert.equal((await ask("GET /new")).status, 404);
    assert.equal(table.routes().length, 1);
  }
});

Deno.test("mount() adds and removes routes while requests are served", async () => {
  const { router: table, ask } = router();
  assert.equal((await ask("GET /a")).status, 404);
  const unmount = table.mount([route("GET /a"), route("GET /b")]);
  assert.equal((await ask("GET /a")).status, 200);
  unmount();
  assert.equal((await ask("GET /b")).status, 404);
  table.mount([route("GET /a")]);
  unmount();
  assert.equal((await ask("GET /a")).status, 200, "undone only once");
});

Deno.test("mount() lets an implied route give way, and come back", async () => {
  const { router: table, ask } = router();
  const answer = (text: string) => ({ answer: () => new Response(text) });
  table.mount([route("GET /health", { implied: true, ...answer("engine") })]);
  const unmount = table.mount([route("GET /health", answer("document"))]);
  assert.equal(await (await ask("GET /health")).text(), "document");
  assert.equal(table.routes().length, 1);
  unmount();
  assert.equal(await (await ask("GET /health")).text(), "engine");
  assert.throws(
    () => table.mount([route("GET /health", { implied: true })]),
    /Cannot mount "GET \/health"/,
  );
});

Deno.test("routes() keeps the order in which they came", () => {
  const { router: table } = router();
  table.mount([route("GET /z"), route("GET /a")]);
  table.follow("POST", "/m", () => new Response());
  table.mount([route("GET /b")]);
  assert.deepEqual(
    table.routes().map(({ method, pattern }) => `${method} ${pattern}`),
    ["GET /z", "GET /a", "POST /m", "GET /b"],
  );
});

Deno.test("http.router runs middlewares from the first to the last and back", async () => {
  const { router: table, ask } = router();
  const trail: string[] = [];
  const middlewares = [tag("outer", trail), tag("inner", trail)];
  table.mount([route("GET /a", { middlewares })]);
  const response = await ask("GET /a");
  assert.deepEqual(trail, [
    "outer before",
    "inner before",
    "inner after",
    "outer after",
  ]);
  assert.equal(response.headers.get("x-inner"), "seen");
});

Deno.test("http.router tells refusals to the caller", async () => {
  const { router: table, ask, logs } = router();
  const cases = [
    ["not-found", 404],
    ["unknown-workflow", 404],
    ["unknown-action", 400],
    ["invalid-input", 400],
    ["wrong-state", 409],
    ["already-exists", 409],
  ] as const;
  for (const [code, status] of cases) {
    const unmount = table.mount([
      route("GET /a", {
        answer: () => {
          throw new RefusedError(code, "Not like this");
        },
      }),
    ]);
    const response = await ask("GET /a");
    assert.equal(response.status, status);
    const { title: _, ...body } = await response.json();
    assert.deepEqual(body, {
      type: "about:blank",
      status,
      detail: "Not like this",
      code,
    });
    unmount();
  }
  assert.deepEqual(logs, []);
});

Deno.test("http.router tells other errors to the log only", async () => {
  const { router: table, ask, logs } = router();
  const answers: (() => Response | Promise<Response>)[] = [
    () => {
      throw new Error("the password is 1234");
    },
    () => Promise.reject(new Error("the password is 1234")),
    () => undefined as unknown as Response,
    () => Promise.resolve("text" as unknown as Response),
  ];
  const setId: HttpMiddleware = {
    process(context, next) {
      context.requestId = "r-1";
      return next();
    },
  };
  for (const [index, handle] of answers.entries()) {
    table.mount([{
      ...route(`GET /${index}`),
      handler: { handle },
      middlewares: [setId],
    }]);
    const response = await ask(`GET /${index}`);
    assert.equal(response.status, 500);
    assert.equal(
      response.headers.get("content-type"),
      "application/problem+json",
    );
    const text = await response.text();
    assert.doesNotMatch(text, /password|at |\.ts/);
    assert.equal(JSON.parse(text).requestId, "r-1");
    const line = logs[index];
    assert.equal(line?.fields.requestId, "r-1");
    assert.equal(line?.fields.route, `/${index}`);
  }
  assert.equal(
    logs[0]?.message,
    "Cannot answer GET /0: the password is 1234",
  );
  assert.match(String(logs[0]?.fields.error), /router_test\.ts/);
});

Deno.test("http.router gives error answers the headers of middlewares as well", async () => {
  const { router: table, ask } = router();
  const trail: string[] = [];
  const broken: HttpMiddleware = {
    process: () => Promise.reject(new RefusedError("conflict", "No")),
  };
  table.mount([
    route("GET /a", { middlewares: [tag("outer", trail), broken] }),
    route("GET /b", {
      middlewares: [tag("outer", trail)],
      answer() {
        throw new Error("no");
      },
    }),
  ]);
  for (const [path, status] of [["/a", 409], ["/b", 500]] as const) {
    const response = await ask(`GET ${path}`);
    assert.equal(response.status, status);
    assert.equal(response.headers.get("x-outer"), "seen");
  }
});

function cors(name: string): HttpMiddleware {
  return {
    process: (_context, next) => next(),
    preflight: (_context, methods) =>
      new Response(null, { headers: { "x-by": `${name} ${methods}` } }),
  };
}

Deno.test("http.router answers a preflight by the middleware of the route", async () => {
  const { router: table, ask } = router();
  const open = cors("open");
  table.mount([
    route("GET /a/{id}", { middlewares: [open] }),
    route("PUT /a/{id}", { middlewares: [open] }),
    route("DELETE /a/{id}"),
    route("PATCH /a/{id}", { middlewares: [cors("other")] }),
    route("OPTIONS /own", { answer: () => new Response("own") }),
    route("GET /own", { middlewares: [open] }),
  ]);
  const ask4 = (method: string, path = "/a/1") =>
    ask(`OPTIONS ${path}`, {
      headers: { "access-control-request-method": method },
    });
  assert.equal((await ask4("PUT")).headers.get("x-by"), "open GET,HEAD,PUT");
  assert.equal((await ask4("HEAD")).headers.get("x-by"), "open GET,HEAD,PUT");
  assert.equal((await ask4("PATCH")).headers.get("x-by"), "other PATCH");
  assert.equal((await ask4("DELETE")).status, 405, "the route is not open");
  assert.equal((await ask("OPTIONS /a/1")).headers.get("x-by")?.[0], "o");
  assert.equal((await ask4("GET", "/none")).status, 404);
  assert.equal(await (await ask4("GET", "/own")).text(), "own");
});

Deno.test("http.router answers a preflight before a route that only the engine has added", async () => {
  // A gateway takes every path and method that the document leaves over.
  const { router: table, ask } = router();
  const rest = { answer: () => new Response("backend"), implied: true };
  table.mount([
    route("GET /a", { middlewares: [cors("open")] }),
    route("GET /closed"),
    route("GET /{path...}", rest),
    route("OPTIONS /{path...}", rest),
  ]);
  const headers = { "access-control-request-method": "GET" };
  const open = await ask("OPTIONS /a", { headers });
  assert.equal(open.headers.get("x-by"), "open GET,HEAD");
  for (const path of ["/closed", "/elsewhere"]) {
    const answer = await ask(`OPTIONS ${path}`, { headers });
    assert.equal(await answer.text(), "backend", path);
  }
});

Deno.test("http.router refuses a path that others might read as another one", async () => {
  const { router: table, askRaw } = router();
  let count = 0;
  const answer = () => new Response(String(++count));
  table.mount([route("GET /{path...}", { answer })]);
  for (const path of ["/private\\x", "/a\\..\\b", "/.//\\evil.example"]) {
    assert.equal((await askRaw("GET", path)).status, 400, path);
  }
  assert.equal(count, 0);
  assert.equal((await askRaw("GET", "/a%5Cb")).status, 200);
});

Deno.test("http.router survives a preflight that throws", async () => {
  const { router: table, ask, logs } = router();
  const preflight = () => {
    throw new Error("no");
  };
  table.mount([route("GET /a", { middlewares: [{ ...cors(""), preflight }] })]);
  assert.equal((await ask("OPTIONS /a")).status, 500);
  assert.equal(logs.length, 1);
});

Deno.test("follow() runs after a route that succeeds, inside of its middlewares", async () => {
  const { router: table, ask } = router();
  const seen: unknown[] = [];
  table.follow("POST", "/a/:other", (context, response, body) => {
    seen.push([context.params, response?.status, body]);
    return response ?? new Response("alone");
  });
  const trail: string[] = [];
  const unmount = table.mount([
    {
      ...route("POST /a/{id}", { middlewares: [tag("outer", trail)] }),
      handler: {
        handle: async ({ request }) =>
          new Response(`read ${(await request.text()).length}`),
      },
    },
  ]);
  const body = JSON.stringify({ total: 5 });
  const response = await ask("POST /a/1", { body });
  assert.equal(await response.text(), `read ${body.length}`);
  assert.equal(response.headers.get("x-outer"), "seen");
  unmount();
  assert.equal(await (await ask("POST /a/2", { body })).text(), "alone");
  assert.deepEqual(seen, [
    [{ id: "1", other: "1" }, 200, { total: 5 }],
    [{ other: "2" }, undefined, { total: 5 }],
  ]);
});

Deno.test("follow() does not run after a route that fails", async () => {
  const { router: table, ask } = router();
  let count = 0;
  table.follow("POST", "/a", () => {
    count++;
    return new Response();
  });
  for (const status of [301, 404, 500]) {
    const unmount = table.mount([
      route("POST /a", { answer: () => new Response(null, { status }) }),
    ]);
    assert.equal((await ask("POST /a", { body: "x" })).status, status);
    unmount();
  }
  table.mount([
    route("POST /a", {
      answer() {
        throw new Error("no");
      },
    }),
  ]);
  assert.equal((await ask("POST /a", { body: "x" })).status, 500);
  assert.equal(count, 0);
});

Deno.test("follow() hands on JSON, forms and texts, and refuses bad JSON alone", async () => {
  const { router: table, ask } = router();
  const seen: unknown[] = [];
  const unfollow = table.follow("POST", "/a", (_context, _response, body) => {
    seen.push(body);
    return new Response();
  });
  const form = "application/x-www-form-urlencoded";
  const types = [
    ["application/json", '{"a":1}'],
    ["application/vnd.order+json", "[1]"],
    ["text/plain", "7"],
    ["text/plain", "hello"],
    [form, "a=1&b=x+y"],
    ["application/octet-stream", "{}"],
    ["application/json", ""],
  ] as const;
  for (const [type, body] of types) {
    const init = { body, headers: { "content-type": type } };
    assert.equal((await ask("POST /a", init)).status, 200);
  }
  assert.deepEqual(seen, [
    { a: 1 },
    [1],
    7,
    "hello",
    { a: "1", b: "x y" },
    undefined,
    undefined,
  ]);
  const headers = { "content-type": "application/json" };
  const bad = await ask("POST /a", { body: "{", headers });
  assert.equal(bad.status, 400);
  assert.equal((await bad.json()).code, "invalid-input");
  for (const body of ['{"a":1e999}', "[".repeat(101) + "]".repeat(101)]) {
    const unfit = await ask("POST /a", { body, headers });
    assert.equal(unfit.status, 400, body);
    assert.equal((await ask("POST /a", { body })).status, 400, body);
  }
  const long = await ask("POST /a", { body: "x".repeat(1_048_577) });
  assert.equal(long.status, 413);
  assert.equal(seen.length, types.length);
  unfollow();
  unfollow();
  assert.equal((await ask("POST /a", { body: "x" })).status, 404);
});

Deno.test("follow() takes the place of an implied route and joins other followers", async () => {
  const { router: table, ask } = router();
  const trail: string[] = [];
  table.mount([route("GET /a", { implied: true })]);
  for (const name of ["first", "second"]) {
    table.follow("GET", "/a", (_context, response) => {
      trail.push(`${name} ${response?.status}`);
      return response ?? new Response(name, { status: 202 });
    });
  }
  assert.equal(await (await ask("GET /a")).text(), "first");
  assert.deepEqual(trail, ["first undefined", "second 202"]);
});

Deno.test("follow() refuses a pattern that clashes with a route", () => {
  const { router: table } = router();
  table.mount([route("GET /a/{x}")]);
  assert.throws(() => table.follow("GET", "/{y}/b", () => new Response()), {
    name: "RangeError",
    message:
      /^Cannot mount "GET \/\{y\}\/b": it conflicts with "GET \/a\/\{x\}"/,
  });
  assert.equal(table.routes().length, 1);
});

/** Any UTF-16 code units, also halves of pairs. */
const anyText = fc.array(fc.nat(0xffff))
  .map((codes) => String.fromCharCode(...codes));

Deno.test("http.router stays calm whatever is asked", async () => {
  const { router: table, askRaw } = router();
  table.mount([
    route("GET /"),
    route("POST /a/{x}/{y...}", { middlewares: [cors("c")] }),
    route("PUT /%25/{$}"),
  ]);
  await fc.assert(fc.asyncProperty(
    fc.constantFrom("GET", "HEAD", "POST", "PUT", "OPTIONS", "PURGE"),
    fc.oneof(
      anyText,
      fc.array(
        fc.constantFrom("/", "a", "%", ".", "%2", "2e", "%ff", "\\", "é"),
      )
        .map((parts) => parts.join("")),
    ),
    async (method, text) => {
      const response = await askRaw(method, `/${text}`);
      assert.ok(response.status < 500);
      const location = response.headers.get("location");
      if (location !== null) assert.match(location, /^\/(?![/\\])/);
    },
  ));
});
