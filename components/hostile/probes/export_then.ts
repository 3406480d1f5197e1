// Exports a function called then, so that whoever waits for the module calls
// it.
// deno-lint-ignore-file
// @ts-nocheck

export function then(resolve) {
  resolve({ execute: () => ({ got: null }) });
}

export const execute = () => ({ got: null });
