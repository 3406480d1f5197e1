import assert from "node:assert/strict";
import { logSink } from "./log_sink.ts";

function lines(format: "human" | "json", several = false) {
  const written: string[] = [];
  const output = {
    write: (line: string) => void written.push(line),
    now: () => 0,
    colours: false,
    several,
  };
  return { written, output, sink: logSink(format, output) };
}

Deno.test("logSink() writes JSON that a machine reads back", () => {
  const { written, sink } = lines("json");
  sink("warn", "Two\nlines", { module: "web", count: 2 });
  assert.deepEqual(JSON.parse(written[0] ?? ""), {
    time: "1970-01-01T00:00:00.000Z",
    level: "warn",
    message: "Two\nlines",
    module: "web",
    count: 2,
  });
  assert.equal(written[0]?.includes("\n"), false);
});

Deno.test("logSink() writes one line a person reads", () => {
  const { written, sink } = lines("human");
  sink("info", "Ready", { application: "orders", module: "web", path: "/a b" });
  assert.deepEqual(written, ['00:00:00.000 info  web Ready path="/a b"']);
});

Deno.test("logSink() names the module once", () => {
  const { written, sink } = lines("human");
  sink("info", "web listens", { module: "web" });
  sink("info", "website is up", { module: "web" });
  assert.deepEqual(written.map((line) => line.slice(19)), [
    "web listens",
    "web website is up",
  ]);
});

Deno.test("logSink() says which of several applications writes", () => {
  const { written, sink } = lines("human", true);
  sink("info", "web listens", { application: "orders", module: "web" });
  sink("info", "Stopping", {});
  assert.deepEqual(written.map((line) => line.slice(19)), [
    "[orders] web listens",
    "Stopping",
  ]);
});

Deno.test("logSink() lets no control character of a value reach a terminal", () => {
  const { written, sink } = lines("human");
  sink("info", "Request", { path: "/\u001b[2J\nforged" });
  sink("warn", "No \u001b[2J\u009b1m\u202e here", {});
  sink("warn", "Two lines\r\n00:00:00.000 info  forged", {});
  assert.equal(written[0]?.includes("\u001b"), false);
  assert.equal(written[0]?.includes("\n"), false);
  assert.deepEqual(written.slice(1).map((line) => line.slice(13)), [
    "warn  No \\x1b[2J\\x9b1m\\u202e here",
    "warn  Two lines\n    00:00:00.000 info  forged",
  ]);
});

Deno.test("logSink() leaves out what is not important enough", () => {
  const { written, sink } = lines("human");
  sink("debug", "Detail", {});
  assert.deepEqual(written, []);
});
