// Exports a contract and a name that are traps.
// deno-lint-ignore-file
// @ts-nocheck

export const contract = () =>
  new Proxy({}, {
    ownKeys() {
      throw null;
    },
  });

export const name = () => ({ toString: null });

export const execute = () => ({ got: null });
