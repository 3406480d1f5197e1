/**
 * What reads expressions: loaded when the first one is looked at.
 *
 * @module
 */
export { completeExpression } from "../../engine/expression/complete.ts";
export {
  previewExpression,
  previewTemplate,
} from "../../engine/expression/preview.ts";
export { expressionStart } from "../../engine/expression/template_parts.ts";
