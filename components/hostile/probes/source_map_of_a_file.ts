// Names a file of the machine as its source map, so that its names show up in
// stacks.
// deno-lint-ignore-file
// @ts-nocheck

let stack = "";

export function execute() {
  try {
    throw new Error("where am I");
  } catch (error) {
    stack = error.stack;
  }
  return { got: null, stack };
}

//# sourceMappingURL=file:///etc/passwd
