import assert from "node:assert/strict";
import { logSink } from "./log_sink.ts";

function lines(format: "human" | "json", colours = false) {
  const written: string[] = [];
  const output = {
    write: (line: string) => void written.push(line),
    now: () => 0,
    colours,
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

Deno.test("logSink() lets no control character of a value reach a terminal", () => {
  const { written, sink } = lines("human");
  sink("info", "Request", { path: "/\u001b[2J\nforged" });
  assert.equal(written[0]?.includes("\u001b"), false);
  assert.equal(written[0]?.includes("\n"), false);
});

Deno.test("logSink() leaves out what is not important enough", () => {
  const { written, sink } = lines("human");
  sink("debug", "Detail", {});
  assert.deepEqual(written, []);
});
