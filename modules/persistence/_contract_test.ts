/**
 * What `persistence.store` must do wherever it keeps resources. The tests of the
 * engine's store and of SQLite stand beside this file, those of PostgreSQL in
 * `tests/services/`.
 */
import assert from "node:assert/strict";
import type { JsonObject } from "@engine/define.ts";
import type { Effects } from "@engine/effects.ts";
import { Actions } from "@engine/services/actions.ts";
import { HealthReporter } from "@engine/services/health_reporter.ts";
import {
  type Collection,
  Persistence,
  type Resource,
} from "@engine/services/persistence.ts";
import { Sql } from "@engine/services/sql.ts";
import { memoryStore } from "@engine/store/memory.ts";
import type { Store } from "@engine/store/store.ts";
import { startApplication } from "@engine/testing.ts";
import workflow from "../database/workflow.ts";
import store from "./store.ts";

/** Where resources are kept; it outlives an application. */
export interface Place {
  readonly effects: Effects;
  /** Of `database.workflow`; absent: the engine's store. */
  readonly database?: JsonObject;
  readonly folder?: string;
  readonly store?: Store;
}

const KEY_1 = { id: "k1", key: "the first text that nobody can guess" };
const KEY_2 = { id: "k2", key: "the second text that nobody can guess" };

/** An application with one store of resources. */
export async function startStore(
  { effects, database, folder, store: kept = memoryStore() }: Place,
  encryption?: JsonObject,
) {
  const app = await startApplication({
    document: {
      modules: [
        ...database === undefined
          ? []
          : [{ name: "db", type: "database.workflow", config: database }],
        {
          name: "persistence",
          type: "persistence.store",
          config: {
            ...database === undefined ? {} : { database: "db" },
            ...encryption === undefined ? {} : { encryption },
          },
          ...database === undefined ? {} : { dependsOn: ["db"] },
        },
      ],
    },
    definitions: [store, workflow],
    effects,
    store: kept,
    ...folder === undefined ? {} : { folder },
  });
  return {
    collection: (type: string) => app.service(Persistence).collection(type),
    act: (action: string, input: JsonObject) =>
      app.service(Actions, "persistence").act(action, input, {
        signal: new AbortController().signal,
        idempotencyKey: "a",
      }),
    sql: () => app.service(Sql).connection(),
    health: () => app.service(HealthReporter, "persistence").health(),
    stop: () => app.stop(),
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

async function ids(
  collection: Collection,
  options?: Parameters<Collection["list"]>[0],
): Promise<string[]> {
  const found: Resource[] = [];
  for await (const resource of collection.list(options)) found.push(resource);
  return found.map(({ id }) => id);
}

let types = 0;

/** Each with a name; `type` is of the test alone. */
export const CONTRACT: Readonly<
  Record<string, (place: Place, type: string) => Promise<void>>
> = {
  async "makes, finds, replaces and deletes resources"(place, type) {
    await using app = await startStore(place);
    const notes = app.collection(type);
    const made = await notes.create("n1", { x: 1 }, { owner: "ann" });
    assert.deepEqual(await notes.get("n1"), made);
    assert.equal(await notes.create("n1", { x: 2 }), undefined);
    const next = await notes.replace("n1", { x: 2 });
    assert.deepEqual(next?.marks, { owner: "ann" });
    assert.equal(next?.createdAt, made?.createdAt);
    assert.notEqual(next?.version, made?.version);
    assert.deepEqual(await notes.get("n1"), next);
    const version = String(made?.version);
    assert.equal(await notes.replace("n1", {}, { version }), undefined);
    assert.equal(await notes.delete("n1", version), false);
    assert.equal(await notes.replace("other", {}), undefined);
    assert.equal(await app.collection(`${type}-other`).get("n1"), undefined);
    assert.equal(await notes.delete("n1"), true);
    assert.equal(await notes.delete("n1"), false);
    assert.deepEqual(await app.health(), { status: "healthy" });
  },

  async "lists in order of creation, page by page"(place, type) {
    await using app = await startStore(place);
    const notes = app.collection(type);
    const all = Array.from({ length: 230 }, (_, n) => `n${(n * 7) % 230}`);
    for (const id of all) await notes.create(id, {});
    await notes.replace(all[0] ?? "", { changed: true });
    assert.deepEqual(await ids(notes), all);
    assert.deepEqual(await ids(notes, { limit: 3 }), all.slice(0, 3));
    const after = all[3] ?? "";
    assert.deepEqual(
      await ids(notes, { after, limit: 2 }),
      all.slice(4, 6),
    );
    assert.deepEqual(await ids(notes, { after: "x", limit: 1 }), [all[0]]);
  },

  async "lets one of several win"(place, type) {
    await using app = await startStore(place);
    const notes = app.collection(type);
    const made = await Promise.all(
      [1, 2, 3].map((x) => notes.create("n1", { x })),
    );
    const [winner, ...others] = made.filter((one) => one !== undefined);
    assert.deepEqual(others, []);
    const version = String(winner?.version);
    const replaced = await Promise.all(
      [4, 5].map((x) => notes.replace("n1", { x }, { version })),
    );
    assert.equal(replaced.filter((one) => one !== undefined).length, 1);
    // Without a version both are done, one after the other.
    const both = await Promise.all(
      [6, 7].map((x) => notes.replace("n1", { x })),
    );
    assert.ok(both.every((one) => one !== undefined));
  },

  async "encrypts fields of persons, and only there where they are kept"(
    place,
    type,
  ) {
    const data = {
      id: "p1",
      email: "ann@example.com",
      phone: 12345,
      address: "",
      messages: [{ body: "hello", at: 1 }, "text"],
      note: "plain",
    };
    {
      await using app = await startStore(place, { keys: [KEY_1] });
      const made = await app.collection(type).create("p1", data);
      assert.deepEqual(made?.data, data);
      assert.deepEqual((await app.collection(type).get("p1"))?.data, data);
    }
    await using plain = await startStore(place);
    const raw = (await plain.collection(type).get("p1"))?.data ?? {};
    const text = JSON.stringify(raw);
    assert.match(String(raw.email), /^enc:k1:/);
    assert.doesNotMatch(text, /ann@|hello/);
    assert.equal(raw.note, "plain");
    assert.equal(raw.address, "");
  },

  async "goes on with a new key, and encrypts anew what has an old one"(
    place,
    type,
  ) {
    const write = async (encryption: JsonObject | undefined, id: string) => {
      await using app = await startStore(place, encryption);
      await app.collection(type).create(id, { email: `${id}@example.com` });
    };
    await write(undefined, "p0");
    await write({ keys: [KEY_1] }, "p1");
    {
      await using app = await startStore(place, { keys: [KEY_2, KEY_1] });
      const people = app.collection(type);
      await people.create("p2", { email: "p2@example.com" });
      const before = await people.get("p1");
      assert.deepEqual(before?.data, { email: "p1@example.com" });
      assert.deepEqual(await app.act("reencrypt", { type }), {
        ...{ checked: 3, changed: 2 },
      });
      assert.deepEqual(await app.act("reencrypt", { type }), {
        ...{ checked: 3, changed: 0 },
      });
      const after = await people.get("p1");
      assert.equal(after?.updatedAt, before?.updatedAt);
    }
    await using app = await startStore(place, { keys: [KEY_2] });
    for (const id of ["p0", "p1", "p2"]) {
      assert.deepEqual((await app.collection(type).get(id))?.data, {
        email: `${id}@example.com`,
      });
    }
    await using other = await startStore(place, { keys: [KEY_1] });
    await assert.rejects(
      other.collection(type).get("p1"),
      /Cannot decrypt "email" of "p1" of ".*": there is no key "k2"/,
    );
  },
};

/** A type of resources that no other test uses. */
export function nextType(): string {
  return `type${++types}`;
}
