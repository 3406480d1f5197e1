/**
 * The engine measures by itself.
 *
 * @module
 */
import { placeholder } from "../_placeholder.ts";

export default placeholder("core.metrics", {
  summary: "The engine measures by itself; metrics.collector serves it",
  inert: { collectInterval: "measurements are taken as they happen" },
});
