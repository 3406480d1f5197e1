import assert from "node:assert/strict";
import {
  type Group,
  groupNodeId,
  groupsOf,
  joined,
  released,
  renamed,
  without,
  withoutGroups,
} from "./groups.ts";

const NAMES = ["a", "b", "c", "d"];

const group = (id: string, ...members: string[]): Group => ({
  ...{ id, title: "", members },
});

const chosen = (...names: string[]) => new Set(names);

Deno.test("groupsOf() shows members that there are, and groups that have one", () => {
  const groups = [group("one", "a", "gone"), group("two", "gone")];
  assert.deepEqual(groupsOf(groups, NAMES), [group("one", "a")]);
});

Deno.test("without() drops a group with its last member", () => {
  const [one, two] = [group("one", "a", "b"), group("two", "c")];
  assert.deepEqual(without([one, two], ["b", "c"]), [group("one", "a")]);
  assert.deepEqual(without([one, two], ["x"]), [one, two]);
});

Deno.test("renamed() keeps a module where it is among the members", () => {
  assert.deepEqual(renamed([group("one", "a", "b")], "a", "x"), [
    group("one", "x", "b"),
  ]);
});

Deno.test("withoutGroups() leaves the places of cards and notes", () => {
  const one = group("one", "a");
  const places = { "a": { x: 1, y: 2 }, "note:one": { x: 3, y: 4 } };
  const all = { ...places, [groupNodeId(one)]: { x: 0, y: 0 } };
  assert.deepEqual(withoutGroups([one], all), places);
});

Deno.test("two chosen cards become a group, one alone does not", () => {
  const made = joined([], NAMES, chosen("c", "a", "note:x"));
  assert.deepEqual(made?.members, ["a", "c"]);
  assert.equal(joined([], NAMES, chosen("a")), undefined);
  assert.equal(joined([], NAMES, chosen("a", "gone")), undefined);
});

Deno.test("a chosen group takes in what is chosen with it, and keeps its title", () => {
  const one = { ...group("one", "a", "b"), title: "Mail" };
  assert.deepEqual(joined([one], NAMES, chosen("group:one", "c")), {
    ...one,
    members: ["a", "b", "c"],
  });
});

Deno.test("two chosen groups become one", () => {
  const groups = [group("one", "a"), { ...group("two", "b"), title: "Mail" }];
  assert.deepEqual(joined(groups, NAMES, chosen("group:one", "group:two")), {
    ...{ id: "one", title: "Mail", members: ["a", "b"] },
  });
});

Deno.test("a group that is chosen with its members is grouped already", () => {
  const groups = [group("one", "a", "b")];
  assert.equal(joined(groups, NAMES, chosen("group:one", "a")), undefined);
});

Deno.test("a chosen group lets out all, a chosen card itself", () => {
  const groups = [group("one", "a", "b"), group("two", "c", "d")];
  assert.deepEqual(released(groups, chosen("group:one", "d")), ["a", "b", "d"]);
  assert.deepEqual(released(groups, chosen("x")), []);
});
