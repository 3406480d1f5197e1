import assert from "node:assert/strict";
import { moved, reaches } from "./picture.ts";

const VIEW = { width: 1_000, height: 600, margin: 200 };

Deno.test("a picture is moved so that each place of the canvas stays where it is seen", () => {
  const drawn = [30, -40, 0.5] as const;
  const now = [100, 20, 0.6] as const;
  const { x, y, scale } = moved(drawn, now);
  // The place (400, 300), as it was drawn and as it is to be seen.
  const [left, top] = [400 * 0.5 + 30, 300 * 0.5 - 40];
  assert.equal(Math.round(left * scale + x), Math.round(400 * 0.6 + 100));
  assert.equal(Math.round(top * scale + y), Math.round(300 * 0.6 + 20));
});

Deno.test("a picture reaches as far as its margin, to each side", () => {
  for (const [x, y] of [[200, 0], [-200, 0], [0, 200], [0, -200]] as const) {
    assert.ok(reaches([0, 0, 1], [x, y, 1], VIEW));
    const [right, down] = [x + Math.sign(x), y + Math.sign(y)];
    assert.ok(!reaches([0, 0, 1], [right, down, 1], VIEW));
  }
});

Deno.test("a picture is drawn anew before it is stretched too far", () => {
  // Zoomed around the middle of the view.
  const around = (zoom: number) =>
    [500 - 500 * zoom, 300 - 300 * zoom, zoom] as const;
  assert.ok(reaches([0, 0, 1], around(1.9), VIEW));
  assert.ok(!reaches([0, 0, 1], around(2.1), VIEW));
  assert.ok(reaches([0, 0, 1], around(0.75), VIEW));
  assert.ok(!reaches([0, 0, 1], around(0.6), VIEW), "its margin is used up");
});
