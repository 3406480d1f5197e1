/**
 * Code of an application is a component.
 *
 * @module
 */
import { placeholder } from "../_placeholder.ts";

export default placeholder("business.service", {
  summary: "Code of an application is a dynamic.component or a pipeline",
});
