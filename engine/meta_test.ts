import assert from "node:assert/strict";
import { z } from "zod";
import { jsonSchema } from "./derive/json_schema.ts";
import {
  duration,
  durationMs,
  expression,
  META_WORDS,
  path,
  ref,
  refAny,
  secret,
} from "./meta.ts";
import { defineService } from "./service.ts";

const Lamp = defineService<{ light(): void }>("lamp", "gives light");
const Fan = defineService<{ turn(): void }>("fan", "makes wind");

Deno.test("durationMs() adds up the parts of a duration", () => {
  for (
    const [text, ms] of [
      ["0", 0],
      ["300ms", 300],
      ["30s", 30_000],
      ["1.5s", 1_500],
      ["2m", 120_000],
      ["1h30m", 5_400_000],
      ["24h", 86_400_000],
      ["1h1m1s1ms", 3_661_001],
      ["-5s", -5_000],
      ["500us", 0.5],
      ["500µs", 0.5],
      ["1000000ns", 1],
    ] as const
  ) {
    assert.equal(duration().parse(text), text);
    assert.ok(Math.abs(durationMs(text) - ms) < 1e-9, text);
  }
});

Deno.test("duration() refuses what is no duration, and says what one is", () => {
  for (
    const text of [
      "",
      "5",
      "s",
      "5 s",
      "1h 30m",
      "5d",
      "+5s",
      "1e3s",
      "5s5",
      "--5s",
    ]
  ) assert.equal(duration().safeParse(text).success, false, text);
  const { error } = duration().safeParse("soon");
  assert.match(error?.issues[0]?.message ?? "", /"300ms", "30s" or "1h30m"/);
});

Deno.test("the helpers write words that a schema carries", () => {
  const schema = jsonSchema(z.strictObject({
    lamp: ref(Lamp, { conventional: ["main"] }).describe("A lamp"),
    any: refAny([Lamp, Fan], { implied: "never" }).optional(),
    key: secret(),
    wait: duration().default("5s"),
    file: path(),
    when: expression(),
  }));
  const { lamp, any, key, wait, file, when } = schema.properties ?? {};
  assert.deepEqual(lamp?.ref, ["lamp"]);
  assert.deepEqual(lamp?.conventional, ["main"]);
  assert.equal(lamp?.description, "A lamp");
  assert.deepEqual(any?.ref, ["lamp", "fan"]);
  assert.equal(any?.implied, "never");
  assert.equal(key?.secret, true);
  assert.equal(wait?.widget, "duration");
  assert.equal(file?.widget, "path");
  assert.equal(when?.widget, "expression");
  for (const part of Object.values(schema.properties ?? {})) {
    const own = Object.keys(part).filter((word) => META_WORDS.has(word));
    assert.ok(own.length > 0);
  }
});

Deno.test("the helpers refuse an empty text", () => {
  for (
    const field of [ref(Lamp), refAny([Lamp]), secret(), path(), expression()]
  ) {
    assert.equal(field.safeParse("").success, false);
    assert.equal(field.safeParse(5).success, false);
    assert.equal(field.safeParse("x").success, true);
  }
});
