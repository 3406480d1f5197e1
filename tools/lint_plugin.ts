/**
 * The project's own rules for `deno lint`: what the style guide and the table of
 * layers ask for and no built-in rule checks.
 *
 * @module
 */
import { errorMessage } from "./lint/error_message.ts";
import { functionLength } from "./lint/function_length.ts";
import { importDirection } from "./lint/import_direction.ts";
import { noAmbient } from "./lint/no_ambient.ts";
import { noDefaultExport } from "./lint/no_default_export.ts";
import { noNonNull } from "./lint/no_non_null.ts";
import { noVagueFileName } from "./lint/no_vague_file_name.ts";

const plugin: Deno.lint.Plugin = {
  name: "workflow",
  rules: {
    "error-message": errorMessage,
    "function-length": functionLength,
    "import-direction": importDirection,
    "no-ambient": noAmbient,
    "no-default-export": noDefaultExport,
    "no-non-null": noNonNull,
    "no-vague-file-name": noVagueFileName,
  },
};

export default plugin;
