import assert from "node:assert/strict";
import {
  grantFor,
  mayReach,
  mayTouch,
  namesHost,
  NO_GRANTS,
  PermissionError,
} from "./grants.ts";

const net = (...hosts: string[]) => ({ ...NO_GRANTS, net: hosts });
const url = (text: string) => new URL(text);

Deno.test("nothing can be reached that is not granted", () => {
  assert.equal(mayReach(NO_GRANTS, url("https://a.example/")), false);
  assert.equal(mayTouch(NO_GRANTS.read, "a.txt"), false);
});

for (
  const [grant, address, expected] of [
    ["a.example", "https://a.example/x", true],
    ["a.example", "http://a.example/x", true],
    ["a.example", "https://A.EXAMPLE/x", true],
    ["A.Example", "https://a.example/x", true],
    ["a.example", "https://a.example:8443/", false],
    ["a.example:8443", "https://a.example:8443/", true],
    ["a.example:443", "https://a.example/", true],
    ["a.example:443", "http://a.example/", false],
    ["a.example", "https://b.a.example/", false],
    ["a.example", "https://a.example.evil.test/", false],
    ["a.example", "https://a.example@evil.test/", false],
    ["*.a.example", "https://b.a.example/", true],
    ["*.a.example", "https://c.b.a.example/", true],
    ["*.a.example", "https://a.example/", false],
    ["*.a.example", "https://xa.example/", false],
    ["127.0.0.1:80", "http://2130706433/", true],
    ["localhost:8080", "http://localhost:8080/", true],
    ["[::1]:8080", "http://[::1]:8080/", true],
  ] as const
) {
  Deno.test(`the grant ${grant} ${expected ? "lets" : "does not let"} ${address} be reached`, () => {
    assert.equal(mayReach(net(grant), url(address)), expected);
  });
}

Deno.test("a wildcard names no host, so it reaches no private address", () => {
  assert.equal(
    namesHost(net("*.a.example"), url("https://b.a.example")),
    false,
  );
  // Whoever has the name may let it mean any address.
  assert.equal(
    namesHost(net("b.a.example"), url("https://b.a.example")),
    false,
  );
  for (const name of ["10.0.0.1", "[::1]", "localhost", "db", "db.internal"]) {
    assert.equal(namesHost(net(name), url(`http://${name}/`)), true, name);
  }
});

Deno.test("a refusal says which line would grant it", () => {
  const address = url("https://a.example:8443/x");
  const wanted = grantFor(address);
  const error = new PermissionError({
    ...{ component: "code", capability: "net", wanted },
  });
  assert.equal(
    error.message,
    'code may not reach "a.example:8443": to grant it, add ' +
      'net: ["a.example:8443"] to its permissions',
  );
});

Deno.test("a refusal names no line where none would grant it", () => {
  const error = new PermissionError({
    ...{ component: "code", capability: "read", wanted: "data/../../x" },
  });
  assert.deepEqual([error.isGrantable, error.message], [
    false,
    'code may not read "data/../../x": it lies outside of the document\'s folder',
  ]);
});

for (
  const [grant, path, expected] of [
    ["data", "data", true],
    ["data", "data/a.txt", true],
    ["./data/", "data//b/../a.txt", true],
    ["data", "database", false],
    ["data", "data/../secret.txt", false],
    ["data", "../data/a.txt", false],
    ["data", "data\\..\\secret.txt", false],
    ["a.txt", "a.txt/b", true],
    [".", "any/thing.txt", true],
  ] as const
) {
  Deno.test(`the grant ${grant} ${expected ? "holds" : "does not hold"} for ${path}`, () => {
    assert.equal(mayTouch([grant], path), expected);
  });
}
