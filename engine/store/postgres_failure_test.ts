import assert from "node:assert/strict";
import { failureOf, NoAnswerError, reasonOf } from "./postgres_failure.ts";

Deno.test("failureOf() takes what the server answered for refused", () => {
  const states = [
    "23505",
    "42P01",
    "40001",
    "57014",
    "53100",
    "25006",
    "XX000",
  ];
  for (const code of states) {
    assert.equal(failureOf(error({ code, severity: "ERROR" })), "refused");
  }
  for (const code of ["28P01", "28000", "3D000", "42501", "42704"]) {
    assert.equal(failureOf(error({ code, severity: "FATAL" })), "refused");
  }
});

Deno.test("failureOf() knows what no server has seen", () => {
  for (const code of ["57P03", "53300"]) {
    assert.equal(failureOf(error({ code, severity: "FATAL" })), "unsent");
  }
  const failures = [
    { code: "ECONNREFUSED", syscall: "connect" },
    { code: "EHOSTUNREACH", syscall: "connect" },
    { code: "ECONNREFUSED" },
    { code: "ENOTFOUND", syscall: "getaddrinfo" },
    { code: "CONNECT_TIMEOUT" },
  ];
  for (const failure of failures) {
    assert.equal(failureOf(error(failure)), "unsent");
  }
});

Deno.test("failureOf() takes everything else for lost, for it may have happened", () => {
  // A server that stops a session may have committed in it.
  for (const code of ["57P01", "57P02", "57P05", "08006", "XX000"]) {
    for (const severity of ["FATAL", "PANIC"]) {
      assert.equal(failureOf(error({ code, severity })), "lost");
    }
  }
  for (const code of ["40003", "08007"]) {
    assert.equal(failureOf(error({ code, severity: "ERROR" })), "lost");
  }
  const failures = [
    { code: "ECONNRESET", syscall: "read" },
    { code: "EPIPE", syscall: "write" },
    { code: "EHOSTUNREACH", syscall: "write" },
    { code: "CONNECTION_CLOSED" },
    { code: "CONNECTION_DESTROYED" },
    { code: "CONNECTION_ENDED" },
    {},
  ];
  for (const failure of failures) {
    assert.equal(failureOf(error(failure)), "lost");
  }
  const others = [new NoAnswerError("No answer"), "text", undefined, null];
  for (const other of others) assert.equal(failureOf(other), "lost");
});

Deno.test("reasonOf() is one line, with the code where there is one", () => {
  const refused = error({ code: "42P01", severity: "ERROR" }, "no\n  table");
  assert.equal(reasonOf(refused), "no table (SQLSTATE 42P01)");
  assert.equal(reasonOf(error({ code: "ECONNREFUSED" }, "")), "ECONNREFUSED");
});

function error(fields: Record<string, string>, message = "It failed"): Error {
  return Object.assign(new Error(message), fields);
}
