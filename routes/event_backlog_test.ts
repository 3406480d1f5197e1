import assert from "node:assert/strict";
import { EventHub } from "../engine/mod.ts";
import { BACKLOG_MAX, EventBacklog } from "./event_backlog.ts";

const FAR_MS = 60_000;

function hubWith(count: number): EventHub {
  const hub = new EventHub({ now: () => 0 });
  for (let index = 1; index <= count; index++) emit(hub, index);
  return hub;
}

function emit(hub: EventHub, index: number): void {
  hub.emit("notice", { application: "a", message: `Event ${index}` });
}

Deno.test("EventBacklog goes on behind the last event that was seen", async () => {
  const hub = hubWith(3);
  const backlog = new EventBacklog(hub, 2);
  emit(hub, 4);
  const cursors = [await backlog.next(FAR_MS), await backlog.next(FAR_MS)]
    .map((told) => told.kind === "event" ? told.event.cursor : told.kind);
  assert.deepEqual(cursors, [3, 4]);
  backlog.close();
});

Deno.test("EventBacklog tells a new reader to begin from the present state", async () => {
  const backlog = new EventBacklog(hubWith(3), undefined);
  assert.deepEqual(await backlog.next(FAR_MS), { kind: "reset", cursor: 3 });
  backlog.close();
});

Deno.test("EventBacklog tells a reader with a cursor from elsewhere to begin anew", async () => {
  const backlog = new EventBacklog(hubWith(3), 99);
  assert.equal((await backlog.next(FAR_MS)).kind, "reset");
  backlog.close();
});

Deno.test("EventBacklog makes a reader that is too slow begin anew", async () => {
  const hub = hubWith(0);
  const backlog = new EventBacklog(hub, 0);
  for (let index = 0; index <= BACKLOG_MAX; index++) emit(hub, index);
  assert.deepEqual(await backlog.next(FAR_MS), {
    kind: "reset",
    cursor: BACKLOG_MAX + 1,
  });
  backlog.close();
});

Deno.test("EventBacklog wakes a waiting reader for an event and for the end", async () => {
  const hub = hubWith(0);
  const backlog = new EventBacklog(hub, 0);
  const first = backlog.next(FAR_MS);
  emit(hub, 1);
  assert.equal((await first).kind, "event");
  const second = backlog.next(FAR_MS);
  backlog.close();
  assert.equal((await second).kind, "closed");
});

Deno.test("EventBacklog says when nothing happens", async () => {
  const backlog = new EventBacklog(hubWith(0), 0);
  assert.equal((await backlog.next(1)).kind, "quiet");
  backlog.close();
});
