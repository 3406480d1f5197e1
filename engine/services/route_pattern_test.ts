import assert from "node:assert/strict";
import fc from "fast-check";
import {
  clashOf,
  isLiteral,
  parsePattern,
  type RouteKey,
} from "./route_pattern.ts";

Deno.test("parsePattern() reads every kind of segment", () => {
  assert.deepEqual(parsePattern("/a/{id}/{$}").segments, [
    { kind: "literal", text: "a" },
    { kind: "one", name: "id" },
    { kind: "end" },
  ]);
  assert.deepEqual(parsePattern("/f/{rest...}").segments, [
    { kind: "literal", text: "f" },
    { kind: "rest", name: "rest" },
  ]);
  assert.deepEqual(parsePattern("/").segments, [{ kind: "rest", name: "" }]);
  assert.deepEqual(parsePattern("/a%20b/ü").segments, [
    { kind: "literal", text: "a b" },
    { kind: "literal", text: "ü" },
  ]);
});

Deno.test("parsePattern() takes :id for {id} and other colons as text", () => {
  const pattern = parsePattern("/orders/:id/complete");
  assert.equal(pattern.canonical, "/orders/{id}/complete");
  assert.equal(pattern.text, "/orders/:id/complete");
  assert.equal(pattern.shape, parsePattern("/orders/{x}/complete").shape);
  assert.ok(isLiteral(parsePattern("/v1/a:b/:/:9")));
});

Deno.test("parsePattern() refuses what is malformed and says why", () => {
  const cases = [
    ["", 'does not start with "/"'],
    ["orders", 'does not start with "/"'],
    ["/spa{path...}", "fills a whole segment"],
    ["/{a}b", "fills a whole segment"],
    ["/{rest...}/x", "only stand at its end"],
    ["/{$}/x", "only stand at its end"],
    ["/{}", "no name of a parameter"],
    ["/{...}", "no name of a parameter"],
    ["/{a-b}", "no name of a parameter"],
    ["/{9}", "no name of a parameter"],
    ["/{__proto__}", "no name of a parameter"],
    ["/{a}/:a", "occurs twice"],
    ["/{a}/{a...}", "occurs twice"],
    ["/a//b", "empty segment"],
    ["/a/./b", 'segment "."'],
    ["/a/%2e%2e", 'segment ".."'],
    ["/%zz", "badly percent-encoded"],
    ["/a?b=c", "neither ? nor #"],
  ] as const;
  for (const [text, reason] of cases) {
    assert.throws(
      () => parsePattern(text),
      (error) =>
        error instanceof RangeError &&
        error.message.startsWith(
          `Cannot use the route pattern "${text}": `,
        ) && error.message.includes(reason),
      text,
    );
  }
});

function key(text: string): RouteKey {
  const [method = "", path = ""] = text.split(" ");
  return { method, pattern: parsePattern(path) };
}

Deno.test("clashOf() names both routes and a path that both answer", () => {
  const clash = (a: string, b: string) => clashOf(key(a), key(b));
  assert.equal(
    clash("GET /a/{x}", "GET /a/:y"),
    'it answers the same requests as "GET /a/:y"',
  );
  assert.equal(
    clash("GET /a/{x}", "GET /{y}/b"),
    'it conflicts with "GET /{y}/b": both answer "/a/b" and neither is more specific',
  );
  assert.match(
    clash("GET /{x}/a/", "GET /b/{y...}") ?? "",
    /both answer "\/b\/a\/"/,
  );
  assert.match(clash("GET /a", "HEAD /{x}") ?? "", /conflicts/);
  assert.match(clash("GET /f/", "GET /f/{x...}") ?? "", /same requests/);
});

Deno.test("clashOf() lets stand what is more specific or apart", () => {
  const pairs = [
    ["GET /a", "GET /{x}"],
    ["GET /a", "POST /a"],
    ["GET /a", "HEAD /a"],
    ["GET /{x}", "HEAD /a"],
    ["GET /a/", "GET /a/{$}"],
    ["GET /a/{x}", "GET /a/{$}"],
    ["GET /a/", "GET /a"],
    ["GET /", "GET /{x}"],
    ["GET /{x}/b", "GET /a/{y}/c"],
  ];
  for (const [a = "", b = ""] of pairs) {
    assert.equal(clashOf(key(a), key(b)), undefined, `${a}, ${b}`);
    assert.equal(clashOf(key(b), key(a)), undefined, `${b}, ${a}`);
  }
});

/** Every path of at most four segments over three texts. */
function universe(): readonly string[] {
  let stems = [""];
  const paths = ["/"];
  for (let depth = 0; depth < 4; depth++) {
    stems = stems.flatMap((stem) => ["a", "b", "c"].map((s) => `${stem}/${s}`));
    paths.push(...stems, ...stems.map((stem) => `${stem}/`));
  }
  return paths;
}

const PATHS = universe();

/** What a route answers, by a regular expression made of its text. */
function answered(text: string): ReadonlySet<string> {
  const [method = "", path = ""] = text.split(" ");
  const source = path.endsWith("/{$}")
    ? path.slice(0, -"{$}".length)
    : path.endsWith("/{r...}")
    ? `${path.slice(0, -"{r...}".length)}.*`
    : path.endsWith("/")
    ? `${path}.*`
    : path;
  const expression = new RegExp(`^${source.replace(/\{\w\}/g, "[^/]+")}$`);
  const methods = method === "GET" ? ["GET", "HEAD"] : [method];
  return new Set(
    PATHS.filter((candidate) => expression.test(candidate))
      .flatMap((candidate) => methods.map((name) => `${name} ${candidate}`)),
  );
}

/** Routes over the texts of the universe, at most three segments long. */
const anyRoute = fc.tuple(
  fc.constantFrom("GET", "HEAD", "POST"),
  fc.array(fc.constantFrom("a", "b", "{}"), { maxLength: 2 }),
  fc.constantFrom("", "/", "/{$}", "/{r...}", "/a", "/{}"),
).map(([method, parts, end]) => {
  const stem = parts.map((part) => `/${part}`).join("");
  let count = 0;
  const path = `${stem}${end}`.replace(/\{\}/g, () => `{${"xyz"[count++]}}`);
  return `${method} ${path === "" ? "/" : path}`;
});

Deno.test("clashOf() agrees with comparing all the requests that two routes answer", () => {
  fc.assert(
    fc.property(anyRoute, anyRoute, (a, b) => {
      const [first, second] = [answered(a), answered(b)];
      const overlap = !first.isDisjointFrom(second);
      const isGeneral = first.isSupersetOf(second);
      const isSpecial = first.isSubsetOf(second);
      const clashes = overlap && isGeneral === isSpecial;
      assert.equal(clashOf(key(a), key(b)) !== undefined, clashes);
    }),
    { numRuns: 1_000 },
  );
});
