/**
 * The engine logs by itself.
 *
 * @module
 */
import { placeholder } from "../_placeholder.ts";

export default placeholder("core.logger", {
  summary: "The engine logs by itself; --log-format sets how",
  inert: {
    level: "everything is logged from info on",
    format: "--log-format sets it",
  },
});
