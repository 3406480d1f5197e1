/**
 * The settings of a document stand in the document itself.
 *
 * @module
 */
import { placeholder } from "../_placeholder.ts";

export default placeholder("core.config", {
  summary: "Settings stand in the document and in variables of the environment",
  inert: {
    sourcePath:
      "settings stand in the document, with variables of the environment",
  },
});
