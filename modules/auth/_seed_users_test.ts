import assert from "node:assert/strict";
import { HttpContext, HttpHandler } from "@engine/services/http_handler.ts";
import { memoryStore } from "@engine/store/memory.ts";
import type { Store } from "@engine/store/store.ts";
import { startApplication } from "@engine/testing.ts";
import { hash as bcrypt } from "bcryptjs";
import jwt from "./jwt.ts";

/** Runs a test with a seed file, given as data or as text. */
async function withSeeds(
  seeds: unknown,
  test: (startIt: (store?: Store) => ReturnType<typeof start>) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const text = typeof seeds === "string" ? seeds : JSON.stringify(seeds);
    await Deno.writeTextFile(`${folder}/users.json`, text);
    await test((store) => start(`${folder}/`, store));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function start(folder: string, store?: Store) {
  return startApplication({
    document: {
      modules: [{
        name: "accounts",
        type: "auth.jwt",
        config: { secret: "x".repeat(32), seedFile: "./users.json" },
      }],
    },
    definitions: [jwt],
    folder,
    ...(store === undefined ? {} : { store }),
  });
}

async function login(handler: HttpHandler, email: string, password: string) {
  const response = await handler.handle(
    new HttpContext(
      new Request("http://localhost/auth/login", {
        method: "POST",
        body: JSON.stringify({ email, password }),
      }),
    ),
  );
  return { status: response.status, body: await response.json() };
}

const ADA = {
  id: "user-001",
  data: {
    email: "Ada@Example.org",
    password: "short",
    name: "Ada",
    role: "admin",
    programIds: ["p1"],
  },
};

Deno.test("auth.jwt knows the users of its seed file, with all that is said of them", () =>
  withSeeds([ADA], async (start) => {
    await using app = await start();
    const handler = app.service(HttpHandler);
    const { status, body } = await login(handler, "ada@example.org", "short");
    assert.equal(status, 200);
    assert.deepEqual(body.user, {
      id: "user-001",
      email: "ada@example.org",
      name: "Ada",
      createdAt: "2023-11-14T22:13:20.000Z",
      role: "admin",
      programIds: ["p1"],
    });
  }));

Deno.test("auth.jwt keeps a user that it has against another seed", async () => {
  const store = memoryStore();
  await withSeeds([ADA], async (start) => await (await start(store)).stop());
  const changed = { ...ADA, data: { ...ADA.data, password: "other" } };
  const bob = { id: "user-002", data: { email: "bob@x", password: "builder" } };
  await withSeeds([changed, bob], async (start) => {
    await using app = await start(store);
    const handler = app.service(HttpHandler);
    assert.equal(
      (await login(handler, "ada@example.org", "short")).status,
      200,
    );
    assert.equal(
      (await login(handler, "ada@example.org", "other")).status,
      401,
    );
    assert.equal((await login(handler, "bob@x", "builder")).status, 200);
  });
});

Deno.test("auth.jwt replaces an imported bcrypt hash when its user signs in", async () => {
  const passwordHash = await bcrypt("old password", 4);
  const seed = { id: "u1", data: { email: "ada@example.org", passwordHash } };
  await withSeeds([seed], async (start) => {
    const store = memoryStore();
    await using app = await start(store);
    const handler = app.service(HttpHandler);
    const hash = async () => {
      for await (const { key, value } of store.list({ prefix: [] })) {
        if (key.includes("users")) {
          return (value as { passwordHash: string }).passwordHash;
        }
      }
    };
    assert.equal(
      (await login(handler, "ada@example.org", "guess")).status,
      401,
    );
    assert.equal(await hash(), passwordHash);
    for (const time of ["first", "second"]) {
      const { status, body } = await login(
        handler,
        "ada@example.org",
        "old password",
      );
      assert.equal(status, 200, time);
      assert.equal("passwordHash" in body.user, false);
      assert.match(await hash() ?? "", /^\$argon2id\$/);
    }
  });
});

Deno.test("auth.jwt does not start with a seed file that is wrong, and says where", async () => {
  const password = "secret password";
  const wrong = [
    ["not json", /users.json": /],
    [{}, /it holds no list/],
    [[ADA, 7], /entry 2 is no object/],
    [[{ data: ADA.data }], /entry 1 has no "id"/],
    [[{ id: "", data: ADA.data }], /entry 1 has no "id"/],
    [[{ id: "x".repeat(201), data: ADA.data }], /more than 200 characters/],
    [[{ id: "u1" }], /entry 1 \("u1"\) has no "data"/],
    [[{ id: "u1", data: { password } }], /entry 1 \("u1"\) has no "email"/],
    [[{ id: "u1", data: { email: "ada", password } }], /malformed email "ada"/],
    [[ADA, { ...ADA, id: "u2" }], /entry 2 \("u2"\) repeats the email/],
    [
      [ADA, { id: "user-001", data: { email: "b@x", password } }],
      /repeats the id "user-001"/,
    ],
    [
      [{ id: "u1", data: { email: "a@x" } }],
      /entry 1 \("u1"\) is refused: it has neither a "password" nor/,
    ],
    [[{ id: "u1", data: { email: "a@x", password: "" } }], /password is empty/],
    [
      [{ id: "u1", data: { email: "a@x", passwordHash: "md5" } }],
      /neither Argon2id nor bcrypt/,
    ],
    [
      [{ id: "u1", data: { email: "a@x", password, name: 7 } }],
      /"name" that is no text/,
    ],
  ] as const;
  for (const [seeds, message] of wrong) {
    await withSeeds(seeds, async (start) => {
      await assert.rejects(start(), (error: Error) => {
        assert.match(error.message, message);
        assert.match(error.message, /Cannot read the seed file ".*users.json"/);
        assert.doesNotMatch(error.message, /secret password/);
        return true;
      });
    });
  }
});

Deno.test("auth.jwt does not start when a seed takes the id of another user", async () => {
  const store = memoryStore();
  await withSeeds([ADA], async (start) => await (await start(store)).stop());
  const other = { id: "user-001", data: { email: "bob@x", password: "x" } };
  await withSeeds([other], async (start) => {
    await assert.rejects(start(store), /the id "user-001" belongs to another/);
  });
});

Deno.test("auth.jwt does not start without the seed file that it names", () =>
  assert.rejects(start("/nowhere/"), /Cannot read the seed file/));
