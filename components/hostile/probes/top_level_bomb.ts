// Fills the heap while it loads.
// alone: ["shared", "process"]
// deno-lint-ignore-file
// @ts-nocheck

const kept = [];
for (;;) kept.push([1, 2, 3]);

export const execute = () => ({ got: kept });
