// Names files of the machine and of the network in comments that tools heed.
// deno-lint-ignore-file
// @ts-nocheck
/*
/// <reference types="file:///etc/passwd" />
// @deno-types="file:///etc/passwd"
// @ts-self-types="https://example.com/types.d.ts"
// @jsxImportSource https://example.com/jsx
export const execute = () => ({ got: null });
*/
