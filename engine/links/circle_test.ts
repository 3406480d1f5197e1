import assert from "node:assert/strict";
import { LINK_DEPTH_MAX } from "../links.ts";
import { BROKER, start } from "./_fixture_test.ts";

Deno.test("links that form a circle are followed once each", async () => {
  const other = (source: string, target: string) => ({
    source,
    target,
    event_pattern: "**",
  });
  await using test = await start({
    one: { modules: [BROKER] },
    two: { modules: [BROKER] },
    links: { links: [other("one", "two"), other("two", "one")] },
  });
  const got: string[] = [];
  for (const id of ["one", "two"]) {
    test.broker(id).subscribe("**", () => void got.push(id));
  }
  await test.broker("one").publish("ping", {});
  await test.effects.advance(60_000);
  assert.deepEqual(got, ["one", "two", "one"]);
  assert.ok(test.warnings().some((message) => /leads back/.test(message)));
});

Deno.test("a circle through state machines ends", async () => {
  const looping = (name: string) => {
    const states = { idle: {}, busy: {} };
    return {
      modules: [{ name: "engine", type: "statemachine.engine" }],
      workflows: {
        statemachine: {
          definitions: [{
            name,
            initialState: "idle",
            states,
            transitions: {
              [`begin_${name}`]: { fromState: "idle", toState: "busy" },
              rest: {
                fromState: "busy",
                toState: "idle",
                autoTransform: true,
              },
            },
          }],
        },
      },
    };
  };
  await using test = await start({
    a: looping("alpha"),
    b: looping("beta"),
    links: {
      links: [
        {
          source: "a",
          target: "b",
          event_pattern: "alpha.idle",
          target_action: "begin_beta",
        },
        {
          source: "b",
          target: "a",
          event_pattern: "beta.idle",
          target_action: "begin_alpha",
        },
      ],
    },
  });
  await test.find("a").dispatch("alpha", "begin_alpha", { id: "x" });
  await test.effects.advance(60_000);
  const lines = async (id: string) =>
    (await test.machines(id).history("x")).map(({ toState }) => toState);
  assert.deepEqual(await lines("a"), ["idle", "busy", "idle", "busy", "idle"]);
  assert.deepEqual(await lines("b"), ["idle", "busy", "idle"]);
});

Deno.test(`an event goes through at most ${LINK_DEPTH_MAX} links`, async () => {
  const count = LINK_DEPTH_MAX + 3;
  const ids = Array.from({ length: count }, (_, index) => `document${index}`);
  const links = ids.slice(1).map((target, index) => ({
    source: ids[index],
    target,
    event_pattern: "**",
  }));
  await using test = await start({
    ...Object.fromEntries(ids.map((id) => [id, { modules: [BROKER] }])),
    links: { links },
  });
  const got: string[] = [];
  for (const id of ids) {
    test.broker(id).subscribe("**", () => void got.push(id));
  }
  await test.broker("document0").publish("ping", {});
  await test.effects.advance(1_000);
  assert.equal(got.length, LINK_DEPTH_MAX + 1);
});
