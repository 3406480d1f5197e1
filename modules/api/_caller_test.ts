import assert from "node:assert/strict";
import { as, seen, startOrders } from "./_document_test.ts";

const ANN = as({ sub: "ann" });
const BOB = as({ sub: "bob" });
const ADMIN = as({ sub: "root", role: "admin" });

function idsOf(list: readonly { readonly id: string }[]): string[] {
  return list.map(({ id }) => id);
}

Deno.test("Caller keeps what others own from sight and reach", async () => {
  await using app = await startOrders({
    isMachine: true,
    config: { appendActions: { note: "notes" } },
  });
  const body = { id: "o1", x: 1 };
  const created = await seen(
    app.request("POST", "/api/orders", { headers: ANN, body }),
  );
  assert.deepEqual(created.body.data, body);
  const before = await app.request("GET", "/api/orders/o1", { headers: ANN });
  const attempts = [
    ["GET", "/api/orders/o1", undefined],
    ["GET", "/api/orders/o1/summary", undefined],
    ["GET", "/api/orders/o1/history", undefined],
    ["PUT", "/api/orders/o1", { x: 2 }],
    ["DELETE", "/api/orders/o1", undefined],
    ["PUT", "/api/orders/o1/transition", { transition: "check" }],
    ["POST", "/api/orders/o1/check", {}],
    ["POST", "/api/orders/o1/note", {}],
  ] as const;
  for (const [method, path, body] of attempts) {
    const response = await seen(
      app.request(method, path, { headers: BOB, body }),
    );
    assert.equal(response.status, 404, `${method} ${path}`);
    assert.deepEqual(response.body, { error: 'Cannot find "o1"' });
  }
  const after = await app.request("GET", "/api/orders/o1", { headers: ANN });
  assert.equal(await after.text(), await before.text());
  const list = await seen(app.request("GET", "/api/orders", { headers: BOB }));
  assert.deepEqual(list.body, []);
});

Deno.test("Caller lets nobody claim a resource in its body or query", async () => {
  await using app = await startOrders();
  const body = { id: "o1", owner: "bob", userId: "bob", sub: "bob" };
  await app.request("POST", "/api/orders", { headers: ANN, body });
  for (const query of ["owner=ann", "owner=bob", "sub=ann", "after="]) {
    const path = `/api/orders?${query}`;
    const list = await seen(app.request("GET", path, { headers: BOB }));
    assert.deepEqual(list.body, [], query);
  }
  const behind = await app.request("GET", "/api/orders?after=o1", {
    headers: BOB,
  });
  assert.equal(behind.status, 400);
});

Deno.test("Caller keeps the owner when an administrator replaces the data", async () => {
  await using app = await startOrders();
  await app.request("POST", "/api/orders", {
    headers: ANN,
    body: { id: "o1" },
  });
  const body = { by: "root" };
  const put = await app.request("PUT", "/api/orders/o1", {
    headers: ADMIN,
    body,
  });
  assert.equal(put.status, 200);
  assert.equal(
    (await app.request("GET", "/api/orders/o1", { headers: BOB })).status,
    404,
  );
  assert.equal(
    (await app.request("GET", "/api/orders/o1", { headers: ANN })).status,
    200,
  );
});

Deno.test("Caller shows everybody what nobody owns", async () => {
  await using app = await startOrders();
  await app.request("POST", "/api/orders", { body: { id: "o1" } });
  const read = await app.request("GET", "/api/orders/o1", { headers: BOB });
  assert.equal(read.status, 200);
});

for (
  const [claims, isAdmin] of [
    [{ sub: "root", role: "chief" }, true],
    [{ sub: "root", roles: ["staff", "chief"] }, true],
    [{ sub: "root", role: "admin" }, false],
    [{ sub: "root", role: { chief: true } }, false],
  ] as const
) {
  Deno.test(`Caller takes ${JSON.stringify(claims)} for an administrator: ${isAdmin}`, async () => {
    await using app = await startOrders({ config: { adminRole: "chief" } });
    await app.request("POST", "/api/orders", {
      headers: ANN,
      body: { id: "o1" },
    });
    const read = await app.request("GET", "/api/orders/o1", {
      headers: as(claims),
    });
    assert.equal(read.status, isAdmin ? 200 : 404);
  });
}

const SCOPES = {
  scopeClaims: { affiliateId: "affiliate", programs: "program" },
};

Deno.test("Caller confines callers to the values of their claims", async () => {
  await using app = await startOrders({ config: SCOPES });
  for (
    const [id, affiliate, program] of [
      ["a1", "a", 1],
      ["a2", "a", 2],
      ["b1", "b", 1],
    ]
  ) {
    const body = { id, affiliate, program };
    await app.request("POST", "/api/orders", { headers: ADMIN, body });
  }
  await app.request("POST", "/api/orders", {
    headers: ADMIN,
    body: { id: "bare" },
  });
  for (
    const [claims, ids] of [
      [{ affiliateId: "a", programs: [1, 2] }, ["a1", "a2"]],
      [{ affiliateId: ["a", "b"], programs: 1 }, ["a1", "b1"]],
      [{ affiliateId: "a" }, []],
      [{ affiliateId: "a", programs: [] }, []],
      [{}, []],
      [{ role: "admin" }, ["a1", "a2", "b1", "bare"]],
    ] as const
  ) {
    const headers = as(claims);
    const list = await seen(
      app.request("GET", "/api/orders", { headers }),
    );
    assert.deepEqual(idsOf(list.body), ids, JSON.stringify(claims));
    const wider = await seen(
      app.request("GET", "/api/orders?affiliate=b", { headers }),
    );
    assert.ok(
      wider.body.every(({ id }: { id: string }) =>
        (ids as readonly string[]).includes(id)
      ),
    );
  }
  assert.equal((await app.request("GET", "/api/orders/b1")).status, 404);
});

Deno.test("Caller writes nothing outside of its scope", async () => {
  await using app = await startOrders({
    isMachine: true,
    config: { ...SCOPES, appendActions: { move: "affiliate" } },
  });
  const headers = as({ sub: "ann", affiliateId: "a", programs: [1] });
  const own = { id: "o1", affiliate: "a", program: 1 };
  for (
    const change of [{ affiliate: "b" }, { affiliate: undefined }, {
      program: 2,
    }]
  ) {
    const body = { ...own, ...change };
    const response = await app.request("POST", "/api/orders", {
      headers,
      body,
    });
    assert.equal(response.status, 403);
  }
  const created = await app.request("POST", "/api/orders", {
    headers,
    body: own,
  });
  assert.equal(created.status, 201);
  const before = await seen(app.request("GET", "/api/orders/o1", { headers }));
  for (
    const [method, path, body, status] of [
      ["PUT", "/api/orders/o1", { ...own, affiliate: "b" }, 403],
      ["POST", "/api/orders/o1/check", { affiliate: "b" }, 403],
      ["PUT", "/api/orders/o1/transition", {
        transition: "check",
        data: { affiliate: "b" },
      }, 403],
      ["POST", "/api/orders/o1/move", {}, 400],
    ] as const
  ) {
    const response = await app.request(method, path, { headers, body });
    assert.equal(response.status, status, path);
  }
  const after = await seen(app.request("GET", "/api/orders/o1", { headers }));
  assert.deepEqual(after.body, before.body);
});
