// Never ends while it is started.
// alone: ["shared"]
// deno-lint-ignore-file
// @ts-nocheck

export function init() {
  for (;;);
}

export const execute = () => ({ got: null });
