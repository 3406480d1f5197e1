// Never ends while it loads.
// alone: ["shared"]
// deno-lint-ignore-file
// @ts-nocheck

for (;;);

export const execute = () => ({ got: null });
