import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { keepListening } from "./_nats_transport.ts";

Deno.test("an error that nobody listens to any more ends nothing", () => {
  const bare = new EventEmitter();
  bare.removeAllListeners();
  assert.throws(() => bare.emit("error", new Error("read ECONNRESET")));
  const socket = keepListening(new EventEmitter());
  socket.on("data", () => assert.fail("it still listens"));
  socket.removeAllListeners();
  assert.equal(socket.emit("data"), false);
  assert.equal(socket.emit("error", new Error("read ECONNRESET")), true);
});

Deno.test("whoever listens to errors still hears of them", () => {
  const socket = keepListening(new EventEmitter());
  const heard: string[] = [];
  socket.on("error", ({ message }: Error) => void heard.push(message));
  socket.emit("error", new Error("gone"));
  assert.deepEqual(heard, ["gone"]);
});
