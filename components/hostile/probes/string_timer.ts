// Gives a timer text in place of a function.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  globalThis.ran = null;
  setTimeout("globalThis.ran = 'code from text'", 0);
  setInterval("globalThis.ran = 'code from text'", 1);
  return new Promise((resolve) => {
    setTimeout(() => resolve({ got: globalThis.ran }), 50);
  });
}
