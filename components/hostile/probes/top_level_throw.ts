// Throws what is no error while it loads.
// deno-lint-ignore-file
// @ts-nocheck

throw new Proxy({}, {
  get() {
    throw null;
  },
});
