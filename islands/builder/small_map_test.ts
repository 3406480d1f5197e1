import assert from "node:assert/strict";
import { mapScale, placeAt } from "./small_map.tsx";

Deno.test("a wide canvas fills the map from side to side, in the middle", () => {
  const scale = mapScale({ x: -100, y: 0, width: 1_220, height: 100 });
  assert.equal(scale.factor, 0.1);
  assert.equal(-100 * scale.factor + scale.origin.x, 5);
  assert.equal(50 * scale.factor + scale.origin.y, 42);
});

Deno.test("a point of the map stands for the place that is drawn there", () => {
  const scale = mapScale({ x: 40, y: -900, width: 300, height: 2_000 });
  const place = placeAt({ x: 66, y: 42 }, scale);
  assert.equal(Math.round(place.x), 190);
  assert.equal(Math.round(place.y), 100);
});
