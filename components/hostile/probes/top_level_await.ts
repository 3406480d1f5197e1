// Waits for ever while it loads.
// alone: ["shared"]
// deno-lint-ignore-file
// @ts-nocheck

await new Promise(() => {});

export const execute = () => ({ got: null });
