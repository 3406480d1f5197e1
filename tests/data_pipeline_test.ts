/**
 * The whole way of a posted record: server, router, handler, broker, and the
 * message handlers that forward to each other.
 */
import assert from "node:assert/strict";
import { startApplication } from "../engine/testing.ts";
import httpHandler from "../modules/http/handler.ts";
import router from "../modules/http/router.ts";
import server from "../modules/http/server.ts";
import broker from "../modules/messaging/broker.ts";
import messageHandler from "../modules/messaging/handler.ts";
import http from "../workflows/types/http.ts";
import messaging from "../workflows/types/messaging.ts";

const FILE = new URL("./compat/data-pipeline-config.yaml", import.meta.url);

function start() {
  return startApplication({
    document: Deno.readTextFileSync(FILE),
    definitions: [
      broker,
      http,
      httpHandler,
      messageHandler,
      messaging,
      router,
      server,
    ],
  });
}

/** A turn of the event loop, before which every promise that can settles. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("a data pipeline takes each record through its stages to both outputs", async () => {
  await using app = await start();
  for (const reading of [1, 2, 3]) {
    const response = await app.request("POST", "/api/data", {
      body: { reading },
    });
    assert.equal(response.status, 200);
    assert.equal((await response.json()).handler, "api-input");
  }
  await settle();
  const received = app.logs
    .filter(({ message }) => message.startsWith("Message on"))
    .map(({ fields }) => `${fields.module} ${fields.topic} ${fields.payload}`);
  const stages = [
    "data-validation raw-input",
    "data-transformation validated-data",
    "data-enrichment transformed-data",
    "db-output processed-data",
    "notification-output processed-data",
  ];
  // Each stage gets every record in order, and each record every stage.
  for (const stage of stages) {
    assert.deepEqual(
      received.filter((line) => line.startsWith(stage)),
      [1, 2, 3].map((reading) => `${stage} {"reading":${reading}}`),
    );
  }
  for (const reading of [1, 2, 3]) {
    assert.deepEqual(
      received.filter((line) => line.endsWith(`{"reading":${reading}}`)),
      stages.map((stage) => `${stage} {"reading":${reading}}`),
    );
  }
  assert.equal(received.length, 15);
  const troubles = app.logs.filter(({ level }) => level === "error");
  assert.deepEqual(troubles, []);
});

Deno.test("a data pipeline takes nothing in by reading", async () => {
  await using app = await start();
  assert.equal((await app.request("GET", "/api/data")).status, 405);
  await settle();
  const received = app.logs.filter(({ message }) =>
    message.startsWith("Message")
  );
  assert.deepEqual(received, []);
});
