import assert from "node:assert/strict";
import { lintSource } from "./lint_source.ts";
import { noVagueFileName } from "./no_vague_file_name.ts";

function faults(path: string): string[] {
  return lintSource(noVagueFileName, path, "export const a = 1;");
}

Deno.test("no-vague-file-name refuses names that say nothing", () => {
  const paths = [
    "engine/utils.ts",
    "engine/helpers.ts",
    "modules/common.ts",
    "engine/types.ts",
    "routes/index.ts",
    "cli/misc.ts",
    "islands/index.tsx",
    "engine/utils_test.ts",
    "modules/http/_helpers.ts",
    "engine/string_utils.ts",
    "engine/utils/plan.ts",
  ];
  for (const path of paths) assert.equal(faults(path).length, 1, path);
});

Deno.test("no-vague-file-name says which name is vague", () => {
  assert.deepEqual(faults("engine/helpers/plan.ts"), [
    'Cannot name a file or folder "helpers": it says nothing',
  ]);
});

Deno.test("no-vague-file-name accepts names of ideas", () => {
  const paths = [
    "engine/plan.ts",
    "workflows/types/http.ts",
    "engine/common_name.ts",
    "engine/index_range.ts",
    "catalog.gen.ts",
  ];
  for (const path of paths) assert.deepEqual(faults(path), [], path);
});
