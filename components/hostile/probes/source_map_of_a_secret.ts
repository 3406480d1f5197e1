// Names a source map outside of its folder, so that the runtime reads it and
// stacks show what stands in it.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  return { got: null, stack: new Error("where am I").stack };
}

//# sourceMappingURL=file://PATH_OF_THE_MAP
