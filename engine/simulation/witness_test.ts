import assert from "node:assert/strict";
import type { Batch, JsonValue } from "../store/store.ts";
import { Witness } from "./witness.ts";

const NODE = ["run", "node", 1];
const encode = (...lines: string[]) =>
  new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""));
const accepted = (key?: string) =>
  JSON.stringify({
    ...{ kind: "accepted", at: 1, pipeline: "p", version: "v" },
    ...{ input: null, priority: 5, idempotencyKey: key },
  });
const ended = JSON.stringify({ kind: "completed", at: 2, output: null });

/** A witness, with a node of epoch 1, and what it has to say. */
function witnessOf() {
  const said: string[] = [];
  const witness = new Witness((violation) => said.push(violation));
  let version = 0;
  const see = (batch: Batch, ok = true) =>
    witness.see(
      batch,
      ok ? { ok: true, version: `${++version}` } : { ok: false },
      "P1",
    );
  const own = (row: JsonValue) => see({ sets: [{ key: NODE, value: row }] });
  own({ id: "one" });
  const fence = () => [{ key: NODE, version: "1" }];
  return {
    ...{ witness, said, see, own },
    log: (number: number, ...lines: string[]) =>
      see({
        checks: fence(),
        sets: [{ key: ["run", "log", 1, number], value: encode(...lines) }],
      }),
    /** Keeps a run, and says so in the log, if that has a number for it. */
    archive: (
      number: number,
      id: string,
      entries: readonly string[],
      logged?: number,
    ) =>
      see({
        checks: fence(),
        sets: [
          ...logged === undefined ? [] : [{
            key: ["run", "log", 1, logged],
            value: encode(`${id} over`),
          }],
          {
            key: ["run", "archive", 0, 1, number],
            value: encode(`${id} [${entries.join(",")}]`),
          },
        ],
      }),
  };
}

Deno.test("a witness has nothing to say of a run that is written and kept as it must be", () => {
  const { witness, said, log, archive } = witnessOf();
  log(1, `a 0 ${accepted("k")}`, `b 0 ${accepted("l")}`);
  archive(1, "a", [accepted("k"), ended], 2);
  // The retry of a commit of which the answer was lost.
  archive(1, "a", [accepted("k"), ended], 2);
  archive(2, "c", [accepted("m"), ended]);
  assert.deepEqual(said, []);
  assert.deepEqual([...witness.archived.keys()], ["a", "c"]);
  assert.equal(witness.journals.get("a")?.length, 2);
});

Deno.test("a witness tells of entries that are written twice, or with a gap", () => {
  const { said, log } = witnessOf();
  log(1, `a 0 ${accepted()}`);
  log(2, `a 0 ${accepted()}`);
  log(3, `a 2 ${ended}`);
  assert.match(said[0] ?? "", /^Entry 0 of run a was written twice/);
  assert.match(said[1] ?? "", /^Entry 2 .* and entry 1 was not/);
});

Deno.test("a witness tells of a writer that is not the owner any more, and of none that failed", () => {
  const { said, log, own, see } = witnessOf();
  own({ adoptedBy: 2 });
  see({ sets: [{ key: ["run", "log", 1, 9], value: encode() }] }, false);
  assert.deepEqual(said, []);
  log(1, `a 0 ${accepted()}`);
  assert.deepEqual(said, ["P1 wrote without being the owner of a stream"]);
});

Deno.test("a witness tells of a node that writes to the stream of another, and of an epoch that two have", () => {
  const { said, own, see } = witnessOf();
  see({
    checks: [{ key: NODE, version: "1" }],
    sets: [{ key: ["run", "log", 2, 1], value: encode() }],
  });
  own({ id: "two" });
  assert.deepEqual(said, [
    "P1 wrote to stream 2, which is not its own",
    "The epoch 1 was given to a second node",
  ]);
});

Deno.test("a witness tells of a run that is kept twice, or with another journal", () => {
  const { said, log, archive } = witnessOf();
  log(1, `a 0 ${accepted()}`);
  archive(1, "a", [accepted(), ended], 2);
  archive(2, "a", [accepted(), ended], 3);
  assert.match(said[0] ?? "", /^Run a is kept twice/);
  log(4, `b 0 ${accepted("k")}`);
  archive(3, "b", [accepted("other"), ended], 5);
  assert.match(said[1] ?? "", /^Run b is kept with 2 entries that do not/);
});

Deno.test("a witness tells of an end that stands only in the log, or only in the archive", () => {
  const { said, log, archive } = witnessOf();
  log(1, `a 0 ${accepted()}`, `b 0 ${accepted()}`);
  archive(1, "a", [accepted(), ended]);
  log(2, "b over");
  assert.deepEqual(said, [
    "Run a is kept, and the log does not say that it is over",
    "The log says that run b is over, and it is not kept",
  ]);
});

Deno.test("a witness tells of a key with two runs", () => {
  const { said, log } = witnessOf();
  log(1, `a 0 ${accepted("k")}`, `b 0 ${accepted("k")}`);
  assert.deepEqual(said, ["The idempotency key p k has the runs a, b"]);
});
