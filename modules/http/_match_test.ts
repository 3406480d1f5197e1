import assert from "node:assert/strict";
import fc from "fast-check";
import {
  clashOf,
  parsePattern,
  type RouteKey,
} from "@engine/services/route_pattern.ts";
import { Matcher } from "./_match.ts";

function key(text: string): RouteKey {
  const [method = "", path = ""] = text.split(" ");
  return { method, pattern: parsePattern(path) };
}

function matcher(...routes: readonly string[]): Matcher<string> {
  return new Matcher(routes.map((text) => ({ key: key(text), value: text })));
}

Deno.test("Matcher picks the most specific route, whatever the order", () => {
  const routes = [
    "GET /",
    "GET /orders/{id}",
    "GET /orders/newest",
    "GET /orders/{id}/lines",
    "GET /orders/{id}/{rest...}",
    "GET /orders/{$}",
    "HEAD /orders/newest",
  ];
  for (const order of [routes, routes.toReversed()]) {
    const table = matcher(...order);
    const found = (text: string) => {
      const [method = "", path = ""] = text.split(" ");
      return table.match(method, path)?.value;
    };
    assert.equal(found("GET /orders/newest"), "GET /orders/newest");
    assert.equal(found("HEAD /orders/newest"), "HEAD /orders/newest");
    assert.equal(found("HEAD /orders/7"), "GET /orders/{id}");
    assert.equal(found("GET /orders/7/lines"), "GET /orders/{id}/lines");
    assert.equal(found("GET /orders/7/x/y"), "GET /orders/{id}/{rest...}");
    assert.equal(found("GET /orders/7/"), "GET /orders/{id}/{rest...}");
    assert.equal(found("GET /orders/"), "GET /orders/{$}");
    assert.equal(found("GET /anything/else"), "GET /");
    assert.equal(found("POST /orders/7"), undefined);
  }
});

Deno.test("Matcher decodes parameters, also where a slash is encoded", () => {
  const table = matcher("GET /a%20b/{one}/{rest...}");
  assert.deepEqual(table.match("GET", "/a%20b/x%2Fy/%C3%A9/z%2Fz")?.params, {
    one: "x/y",
    rest: "é/z/z",
  });
  assert.deepEqual(table.match("GET", "/%61%20b/1/")?.params, {
    one: "1",
    rest: "",
  });
});

Deno.test("Matcher keeps parameters out of reach of the prototype", () => {
  const { params } = matcher("GET /{constructor}").match("GET", "/x") ?? {};
  assert.equal(params?.constructor, "x" as unknown);
  assert.equal(params?.toString, Object.prototype.toString as unknown);
});

Deno.test("Matcher finds one of many texts", () => {
  const names = Array.from({ length: 40 }, (_, i) => `n${i}`);
  const table = matcher(...names.map((name) => `GET /api/${name}/{id}`));
  for (const name of names) {
    assert.equal(
      table.match("GET", `/api/${name}/1`)?.value,
      `GET /api/${name}/{id}`,
    );
  }
  assert.equal(table.match("GET", "/api/n40/1"), undefined);
});

Deno.test("miss() says what is wrong with a request", () => {
  const table = matcher(
    "GET /tree/",
    "GET /list/{$}",
    "GET /x/{a...}",
    "POST /x",
    "PUT /only",
    "GET /p/{x}/{y}",
  );
  const miss = (text: string) => {
    const [method = "", path = ""] = text.split(" ");
    assert.equal(table.match(method, path), undefined, text);
    return table.miss(method, path);
  };
  assert.deepEqual(miss("GET /tree"), { kind: "redirect", path: "/tree/" });
  assert.deepEqual(miss("HEAD /list"), { kind: "redirect", path: "/list/" });
  assert.deepEqual(miss("GET /x"), { kind: "redirect", path: "/x/" });
  assert.deepEqual(miss("GET /tree//a"), {
    kind: "redirect",
    path: "/tree/a",
  });
  assert.deepEqual(miss("GET /p//a"), { kind: "redirect", path: "/p/a" });
  assert.deepEqual(miss("GET /p/%2e%2e/a"), { kind: "redirect", path: "/a" });
  assert.deepEqual(miss("GET /tree/%zz"), { kind: "malformed" });
  assert.deepEqual(miss("GET /none/%ff"), { kind: "malformed" });
  assert.deepEqual(miss("PUT /tree"), {
    kind: "method",
    allowed: ["GET", "HEAD"],
  });
  assert.deepEqual(miss("DELETE /x"), {
    kind: "method",
    allowed: ["GET", "HEAD", "POST"],
  });
  assert.deepEqual(miss("GET /only"), { kind: "method", allowed: ["PUT"] });
  assert.deepEqual(miss("GET /none"), { kind: "nothing" });
});

Deno.test("Matcher sends a slip to a folder, though a wider route would answer", () => {
  const table = matcher("GET /", "GET /tree/", "GET /tree/leaf");
  assert.deepEqual(table.miss("GET", "/tree"), {
    kind: "redirect",
    path: "/tree/",
  });
  assert.equal(table.match("GET", "/tree"), undefined);
  assert.equal(table.match("GET", "/tree/a")?.value, "GET /tree/");
  assert.equal(table.match("GET", "/other")?.value, "GET /");
});

/** One route as the rules describe it, without a tree. */
interface NaiveRoute {
  readonly text: string;
  readonly key: RouteKey;
  readonly expression: RegExp;
  /** Matches the paths of which the rest parameter has nothing. */
  readonly exact: RegExp;
}

function naiveRoute(text: string): NaiveRoute {
  const [, path = ""] = text.split(" ");
  const isRest = path.endsWith("...}") || path.endsWith("/");
  const stem = path.replace(/\{\w+\.\.\.\}$|\{\$\}$/, "")
    .replace(/\{(\w+)\}/g, "(?<$1>[^/]+)");
  const rest = /\{(\w+)\.\.\.\}$/.exec(path)?.[1];
  const tail = rest === undefined ? ".*" : `(?<${rest}>.*)`;
  return {
    text,
    key: key(text),
    expression: new RegExp(`^${stem}${isRest ? tail : ""}$`),
    exact: new RegExp(`^${stem}$`),
  };
}

/** The one that every other matching route is more general than. */
function naiveBest(
  routes: readonly NaiveRoute[],
  method: string,
  path: string,
): NaiveRoute | undefined {
  const matching = routes.filter(({ key, expression }) =>
    (key.method === method || (key.method === "GET" && method === "HEAD")) &&
    expression.test(path)
  );
  return matching.find((route) =>
    matching.every((other) =>
      other === route || isMoreSpecific(route.text, other.text)
    )
  );
}

/** Segment by segment: a text before a parameter before the rest. */
function isMoreSpecific(a: string, b: string): boolean {
  const rank = (part: string | undefined) =>
    part === undefined
      ? 3
      : part === "" || part.endsWith("...}")
      ? 3
      : part.startsWith("{") && part !== "{$}"
      ? 2
      : 1;
  const [[methodA = "", pathA = ""], [methodB = "", pathB = ""]] = [
    a.split(" "),
    b.split(" "),
  ];
  const [partsA, partsB] = [pathA.split("/"), pathB.split("/")];
  for (let i = 1; i < Math.max(partsA.length, partsB.length); i++) {
    const difference = rank(partsA[i]) - rank(partsB[i]);
    if (difference !== 0) return difference < 0;
  }
  return methodA === "HEAD" && methodB === "GET";
}

const anyText = fc.constantFrom("a", "b", "ab", "a%20b");
const anyRoute = fc.tuple(
  fc.constantFrom("GET", "HEAD", "POST"),
  fc.array(fc.oneof(anyText, fc.constant("{}")), { maxLength: 3 }),
  fc.constantFrom("", "/", "/{$}", "/{r...}"),
).map(([method, parts, end]) => {
  const stem = parts.map((part) => `/${part}`).join("");
  let count = 0;
  const path = `${stem}${end}`.replace(/\{\}/g, () => `{${"xyz"[count++]}}`);
  return `${method} ${path === "" ? "/" : path}`;
});
const anyPath = fc.tuple(
  fc.array(fc.oneof(anyText, fc.constantFrom("c", "%41", "..a")), {
    maxLength: 5,
  }),
  fc.boolean(),
).map(([parts, slash]) => `/${parts.join("/")}${slash ? "/" : ""}`)
  .filter((path) => !path.includes("//"));

/**
 * Method: routes that do not clash are looked up in the tree and by testing a
 * regular expression of each. Both must agree on the route and the parameters.
 */
Deno.test("Matcher agrees with a naive matcher", () => {
  fc.assert(
    fc.property(
      fc.array(anyRoute, { maxLength: 12 }),
      fc.constantFrom("GET", "HEAD", "POST", "PUT"),
      fc.array(anyPath, { minLength: 1, maxLength: 10 }),
      (texts, method, paths) => {
        const routes: NaiveRoute[] = [];
        for (const route of texts.map(naiveRoute)) {
          if (!routes.some((other) => clashOf(route.key, other.key))) {
            routes.push(route);
          }
        }
        const table = matcher(...routes.map(({ text }) => text));
        for (const path of paths) {
          const best = naiveBest(routes, method, path);
          const isFolder = !path.endsWith("/") &&
            (best === undefined || !best.exact.test(path)) &&
            naiveBest(routes, method, `${path}/`)?.exact.test(`${path}/`);
          const expected = isFolder ? undefined : best;
          const found = table.match(method, path);
          assert.equal(found?.value, expected?.text, `${method} ${path}`);
          if (expected === undefined) continue;
          const groups = expected.expression.exec(path)?.groups ?? {};
          assert.deepEqual(
            found?.params,
            Object.fromEntries(
              Object.entries(groups).map((
                [k, v],
              ) => [k, decodeURIComponent(v)]),
            ),
          );
        }
      },
    ),
    { numRuns: 500 },
  );
});

/** Any UTF-16 code units, also halves of pairs. */
const anyString = fc.array(fc.nat(0xffff))
  .map((codes) => String.fromCharCode(...codes));

Deno.test("Matcher answers no path with an error", () => {
  const table = matcher("GET /", "GET /a/{x}/{y...}", "POST /a/{x}/{$}");
  fc.assert(fc.property(
    fc.constantFrom("GET", "POST", "", "__proto__"),
    fc.oneof(
      anyString,
      fc.array(fc.constantFrom("/", "a", "%", ".", "%2", "2e", "%ff"))
        .map((parts) => parts.join("")),
    ),
    (method, text) => {
      const path = `/${text}`;
      if (table.match(method, path) === undefined) table.miss(method, path);
    },
  ));
});
