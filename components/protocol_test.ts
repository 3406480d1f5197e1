import assert from "node:assert/strict";
import fc from "fast-check";
import {
  encodeFrame,
  FRAME_BYTES_MAX,
  FrameReader,
  nestsDeeper,
  TOKEN_BYTES,
} from "./protocol.ts";

const TOKEN = Uint8Array.from({ length: TOKEN_BYTES }, (_, i) => i + 1);

Deno.test("frames come out as they went in, however they are cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(
        fc.nat(0xffffffff),
        fc.uint8Array({ maxLength: 40 }),
      )),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
      fc.boolean(),
      (sent, cuts, hasToken) => {
        const token = hasToken ? TOKEN : undefined;
        const all: number[] = [];
        for (const [component, bytes] of sent) {
          const frame = { component, bytes: new Uint8Array(bytes) };
          all.push(...encodeFrame(frame, token));
        }
        const reader = new FrameReader(token);
        const got: [number, number[]][] = [];
        for (let at = 0, n = 0; at < all.length; n++) {
          const size = cuts[n % cuts.length] ?? 1;
          const chunk = Uint8Array.from(all.slice(at, at + size));
          at += size;
          for (const { component, bytes } of reader.read(chunk)) {
            got.push([component, [...bytes]]);
          }
          // What comes next is read into the same buffer.
          chunk.fill(0);
        }
        assert.deepEqual(
          got,
          sent.map(([component, bytes]) => [component, [...bytes]]),
        );
      },
    ),
  );
});

Deno.test("what comes without the token is no frame", () => {
  const frame = encodeFrame({ component: 1, bytes: new Uint8Array(3) });
  const padded = new Uint8Array(frame.length + TOKEN_BYTES);
  padded.set(frame);
  assert.throws(
    () => new FrameReader(TOKEN).read(padded),
    /something else was written/,
  );
});

Deno.test("a frame that says that it is too long is refused at once", () => {
  const head = new Uint8Array(8);
  new DataView(head.buffer).setUint32(0, FRAME_BYTES_MAX + 1);
  assert.throws(() => new FrameReader().read(head), /the limit is 16777216/);
});

Deno.test("what nests deep in a long list is seen, brackets in texts are not", () => {
  const encode = (value: string) => new TextEncoder().encode(value);
  const deep = `${"[".repeat(90_000)}${"]".repeat(90_000)}`;
  assert.equal(nestsDeeper(encode(deep), 80_000), true);
  assert.equal(nestsDeeper(encode(deep), 90_000), false);
  const flat = JSON.stringify([`\\"${"[".repeat(200_000)}`]);
  assert.equal(nestsDeeper(encode(flat), 10), false);
  assert.equal(nestsDeeper(encode(`[${"[]{}".repeat(50_000)}`), 10), false);
});
