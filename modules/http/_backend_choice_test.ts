import assert from "node:assert/strict";
import {
  backendChoice,
  type ChoiceConfig,
  isPattern,
  PatternMap,
} from "./_backend_choice.ts";

const CONFIG: ChoiceConfig = {
  backend_services: { users: "", orders: "", health: "", spare: "" },
  default_backend: "health",
  routes: { "/api/users/admin": "spare", "/static/*": "spare" },
  composite_routes: {
    everything: {
      pattern: "/api/all",
      backends: ["users", "orders"],
      strategy: "first",
    },
  },
};

Deno.test("backendChoice() goes from patterns over the first API word to the default", () => {
  const choose = backendChoice(CONFIG);
  const cases = [
    ["/api/users", ["users"]],
    ["/api/users/7", ["users"]],
    ["/api/users/admin", ["spare"]],
    ["/api/users/admin/7", ["spare"]],
    ["/api/users/administrator", ["users"]],
    ["/api/all", ["users", "orders"]],
    ["/api/all/7", ["users", "orders"]],
    ["/static", ["spare"]],
    ["/static/a.css", ["spare"]],
    ["/api/unknown", ["health"]],
    ["/api", ["health"]],
    ["/v1/api/users", ["health"]],
    ["/health", ["health"]],
    ["/", ["health"]],
  ] as const;
  for (const [path, backends] of cases) {
    assert.deepEqual(choose(path)?.backends, backends, path);
  }
});

Deno.test("backendChoice() chooses nothing where nothing fits", () => {
  const choose = backendChoice({
    ...CONFIG,
    default_backend: undefined,
  });
  assert.equal(choose("/health"), undefined);
  for (const name of ["constructor", "__proto__", "toString"]) {
    assert.equal(choose(`/api/${name}`), undefined);
  }
});

Deno.test("isPattern() knows paths with at most a star at their end", () => {
  for (const good of ["/", "/*", "/api/users", "/api/users/", "/api/users/*"]) {
    assert.ok(isPattern(good), good);
  }
  const bad = ["", "api", "/api*", "/*/x", "/api/{id}", "/a b", "/a?b", "/a#b"];
  for (const text of bad) assert.ok(!isPattern(text), text);
});

Deno.test("PatternMap.get() finds the longest pattern that covers a path", () => {
  const map = new PatternMap([["/*", 1], ["/a/b/*", 2], ["/a", 3]]);
  assert.equal(map.get("/x"), 1);
  assert.equal(map.get("/ab"), 1);
  assert.equal(map.get("/a/x"), 3);
  assert.equal(map.get("/a/b"), 2);
  assert.equal(map.get("/a/b/c"), 2);
});
